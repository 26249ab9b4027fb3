/* Made-up tissue through all that the program can make of fields: what docs and tests look at.
 *
 *     fields_demo FOLDER [voxels across] [frames] [pictures only]
 *
 * into a folder that is there. Prints megabytes a second of what it writes. */
#include "fields_help.h"
#include <stdio.h>
#include <string.h>
#include <time.h>

static cit_errors errs;
static char path[4200];

static const char *in(const char *folder, const char *name) {
    snprintf(path, sizeof path, "%.4000s/%.150s", folder, name);
    return path;
}

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double days_of(int i, int n) { return n > 1 ? 180 * pow((double)i / (n - 1), 2) : 0; }

static cit_status write_vtk(made_tissue *m, const char *folder, int frames, double mb) {
    char names[64][40];
    const char *list[64];
    double days[64], spent = 0;
    cit_status st = CIT_OK;
    for (int i = 0; i < frames; i++) {
        const cit_frame f = made_at(m, days_of(i, frames));
        snprintf(names[i], sizeof names[i], "course_%04d.vti", i);
        list[i] = names[i];
        days[i] = f.day;
        const double start = now();
        CIT_TRY(cit_frame_vti(&f, i % 2 ? CIT_SINGLE : CIT_DOUBLE, in(folder, names[i]), &errs));
        spent += now() - start;
    }
    CIT_TRY(cit_frames_pvd(list, days, frames, in(folder, "course.pvd"), &errs));
    printf("vti: %.0f MB/s of doubles\n", frames * mb / spent);
done:
    return st;
}

static cit_status write_hdf5(made_tissue *m, const char *folder, int frames, double mb) {
    static const struct {
        const char *name;
        cit_series_options how;
    } all[] = {{"double-plain.h5", {CIT_DOUBLE, -1, true, 0}},
               {"double.h5", {CIT_DOUBLE, 1, true, 0}},
               {"double-1.h5", {CIT_DOUBLE, 1, true, 1}},
               {"single.h5", {CIT_SINGLE, 1, true, 0}},
               {"single-6.h5", {CIT_SINGLE, 6, true, 0}}};
    cit_status st = CIT_OK;
    cit_series *s = NULL;
    for (size_t q = 0; q < sizeof all / sizeof *all; q++) {
        double spent = 0;
        cit_frame f = made_at(m, 0);
        CIT_TRY(cit_series_new(in(folder, all[q].name), &f, &all[q].how, &s, &errs));
        for (int i = 0; i < frames; i++) {
            f = made_at(m, days_of(i, frames));
            const double start = now();
            CIT_TRY(cit_series_add(s, &f, &errs));
            spent += now() - start;
        }
        cit_series *done_with = s;
        s = NULL;
        CIT_TRY(cit_series_close(done_with, &errs));
        FILE *in_file = fopen(in(folder, all[q].name), "rb");
        long size = 0;
        if (in_file != NULL) {
            fseek(in_file, 0, SEEK_END);
            size = ftell(in_file);
            fclose(in_file);
        }
        printf("%s: %.0f MB/s of doubles, %.3f of their size\n", all[q].name, frames * mb / spent,
               (double)size / 1e6 / (frames * mb));
    }
done:
    if (s != NULL && cit_series_close(s, &errs) != CIT_OK) st = CIT_IO;
    return st;
}

static cit_status put(const char *to, unsigned char *png, size_t size) {
    const cit_status st = cit_file_write(to, png, size, &errs);
    free(png);
    return st;
}

static cit_status draw_slices(made_tissue *m, const char *folder, int frames) {
    cit_scale scales[MADE_FIELDS];
    unsigned char *png = NULL;
    size_t size = 0;
    cit_status st = CIT_OK;
    for (int i = 0; i < MADE_FIELDS; i++) scales[i] = (cit_scale){(double)NAN, (double)NAN};
    for (int i = 0; i < frames; i++) {
        const cit_frame f = made_at(m, days_of(i, frames));
        CIT_TRY(cit_frame_scales(&f, scales, &errs));
    }
    scales[0] = (cit_scale){0, 1};
    cit_slices how = {.title = "Rolling scar, made up for a test",
                      .scales = scales,
                      .y_mm = (double)NAN,
                      .depths_mm = {0.3, 0.9},
                      .depth_count = 2,
                      .epidermis_mm = 0.1,
                      .needle_mm = 0.06};
    cit_frame f = made_at(m, 2);
    how.needles = m->needles;
    how.needle_count = MADE_NEEDLES;
    CIT_TRY(cit_frame_slices(&f, &how, &png, &size, &errs));
    CIT_TRY(put(in(folder, "slices.png"), png, size));
    how.needle_count = 0;
    how.depth_count = 0;
    how.colours = CIT_CIVIDIS;
    f = made_at(m, 30);
    CIT_TRY(cit_frame_slices(&f, &how, &png, &size, &errs));
    CIT_TRY(put(in(folder, "sections.png"), png, size));
    how.colours = CIT_VIRIDIS;
    how.depth_count = 2;
    CIT_TRY(cit_film_begin(in(folder, "frames"), 6, true, &errs));
    for (int i = 0; i < frames; i++) {
        f = made_at(m, days_of(i, frames));
        f.fields += 2;
        f.count = 2;
        how.scales = scales + 2;
        const double start = now();
        CIT_TRY(cit_frame_slices(&f, &how, &png, &size, &errs));
        if (i == 0) printf("slices of two fields: %.2f s\n", now() - start);
        st = cit_film_add(in(folder, "frames"), i, png, size, &errs);
        free(png);
        if (st != CIT_OK) break;
    }
done:
    return st;
}

static cit_status draw_reliefs(const char *folder, double side_mm) {
    enum { N = 240 };
    static double before[N * N], after[N * N];
    unsigned char *png = NULL;
    size_t size = 0;
    cit_status st = CIT_OK;
    const double h = side_mm / N;
    for (int j = 0; j < N; j++)
        for (int i = 0; i < N; i++) {
            const double x = (i + 0.5) * h, y = (j + 0.5) * h;
            const double skin = 0.006 * sin(5.1 * x + 1.3 * y) * sin(4.3 * y - 0.7 * x);
            const double dip = made_floor(x, y, side_mm, side_mm);
            before[j * N + i] = skin - dip;
            after[j * N + i] = skin - 0.52 * dip + 0.02 * exp(-pow(x - 0.43 * side_mm, 2));
        }
    const cit_relief pair[] = {{N, N, h, h, before, "before"}, {N, N, h, h, after, "day 180"}};
    const cit_relief_picture how = {.title = "Rolling and ice-pick scar, made up for a test",
                                    .made = {"cit test", "0123456789abcdef", NULL, 7}};
    const double start = now();
    CIT_TRY(cit_reliefs_png(pair, 2, &how, &png, &size, &errs));
    printf("two reliefs: %.2f s\n", now() - start);
    CIT_TRY(put(in(folder, "pair.png"), png, size));
    CIT_TRY(cit_reliefs_png(pair, 1, &how, &png, &size, &errs));
    CIT_TRY(put(in(folder, "relief.png"), png, size));
done:
    return st;
}

int main(int argc, char **argv) {
    if (argc < 2) return 64;
    const bool pictures = argc > 4;
    const int across = argc > 2 ? atoi(argv[2]) : 40, frames = argc > 3 ? atoi(argv[3]) : 4;
    if (across < 1 || frames < 1 || frames > 64) return 64;
    made_tissue m = made_new(across, across, across * 2 / 5 > 0 ? across * 2 / 5 : 1, 5.0 / across);
    const double mb = MADE_FIELDS * 8e-6 * across * across * m.box.nz;
    cit_status st = CIT_OK;
    if (!pictures) CIT_TRY(write_vtk(&m, argv[1], frames, mb));
    if (!pictures) CIT_TRY(write_hdf5(&m, argv[1], frames, mb));
    CIT_TRY(draw_slices(&m, argv[1], frames));
    CIT_TRY(draw_reliefs(argv[1], 5));
done:
    for (int i = 0; i < errs.count; i++)
        fprintf(stderr, "%s: %s\n", errs.items[i].where, errs.items[i].text);
    made_free(&m);
    return cit_status_exit(st);
}
