/* JPEG by libjpeg. What the bytes of a picture cannot have meant is refused, as is CMYK; warnings that leave pixels
 * alone are counted. EXIF is read for what turns the picture and names its colours, and kept no longer. */
#include "shape_impl.h"
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* libjpeg's header comes after what it needs */
#include <jpeglib.h>
/* and its messages after that */
#include <jerror.h>

enum { SCANS_MAX = 100 }; /* of a progressive file (assumed); cameras write about ten */

typedef struct jpeg {
    struct jpeg_decompress_struct info;
    struct jpeg_error_mgr handler;
    struct jpeg_progress_mgr progress;
    jmp_buf out;
    cit_job *job;
    cit_photo_plan plan;
    cit_photo *photo;
    JSAMPLE *samples; /* one row as libjpeg gives it */
    uint16_t *row;
    int warnings;
    cit_status st;
} jpeg;

/* ---- what libjpeg calls ---------------------------------------------------------------------- */

static jpeg *of(j_common_ptr info) { return info->client_data; }

static void leave(j_common_ptr info, cit_status st) {
    of(info)->st = st;
    longjmp(of(info)->out, 1);
}

static void on_error(j_common_ptr info) {
    char text[JMSG_LENGTH_MAX];
    info->err->format_message(info, text);
    leave(info, cit_job_fail(of(info)->job, "is no JPEG that can be read: %s", text));
}

/* Bytes between segments, markers of other versions: the pixels are what they were. */
static bool harmless(int message) {
    return message == JWRN_EXTRANEOUS_DATA || message == JWRN_JFIF_MAJOR ||
           message == JWRN_ADOBE_XFORM || message == JWRN_BOGUS_ICC;
}

static void on_message(j_common_ptr info, int level) {
    if (level >= 0) return; /* a trace */
    if (!harmless(info->err->msg_code)) on_error(info);
    of(info)->warnings++;
}

static void on_output(j_common_ptr info) { (void)info; }

static void on_progress(j_common_ptr info) {
    jpeg *j = of(info);
    if (j->info.input_scan_number > SCANS_MAX)
        leave(info, cit_job_fail(j->job, "has more than %d scans", SCANS_MAX));
}

/* ---- reading --------------------------------------------------------------------------------- */

static void read_exif(jpeg *j) {
    cit_exif exif = {0};
    for (jpeg_saved_marker_ptr m = j->info.marker_list; m != NULL; m = m->next)
        if (m->marker == JPEG_APP0 + 1 && m->data_length > 6 && memcmp(m->data, "Exif\0", 6) == 0)
            exif = cit_exif_read(m->data + 6, m->data_length - 6);
    j->plan.orientation = exif.orientation;
    j->plan.unreferred = exif.colour > 1;
}

static void read_profile(jpeg *j) {
    JOCTET *profile = NULL;
    unsigned size = 0;
    cit_status st = CIT_OK;
    if (jpeg_read_icc_profile(&j->info, &profile, &size)) {
        j->plan.unreferred = false;
        st = cit_job_keep_profile(j->job, profile, size);
    }
    free(profile);
    if (st != CIT_OK) leave((j_common_ptr)&j->info, st);
}

static void plan(jpeg *j) {
    struct jpeg_decompress_struct *info = &j->info;
    const bool grey = info->jpeg_color_space == JCS_GRAYSCALE;
    if (!grey && info->jpeg_color_space != JCS_YCbCr && info->jpeg_color_space != JCS_RGB)
        leave((j_common_ptr)info,
              cit_job_fail(j->job, "has %d inks (CMYK); save it as RGB", info->num_components));
    j->plan.kind = info->progressive_mode ? "JPEG (progressive)" : "JPEG";
    j->plan.width = info->image_width;
    j->plan.height = info->image_height;
    j->plan.bits = 8;
    j->plan.grey = grey;
    /* A block of 64 pixels costs a bit at least. */
    j->plan.most = 512 * (grey ? 1.0 : 3.0);
    /* Coefficients of a progressive picture are kept until its end. */
    j->plan.beside = jpeg_has_multiple_scans(info) ? 2.0 * info->num_components : 0;
    info->out_color_space = grey ? JCS_GRAYSCALE : JCS_RGB;
}

static void take_rows(jpeg *j) {
    const size_t width = j->info.output_width, parts = (size_t)j->info.output_components;
    void *samples = NULL, *row = NULL;
    cit_status st = cit_job_take(j->job, width, parts, &samples);
    j->samples = samples;
    if (st == CIT_OK) st = cit_job_take(j->job, width, 6, &row);
    j->row = row;
    if (st != CIT_OK) leave((j_common_ptr)&j->info, st);
}

static void read_rows(jpeg *j) {
    const size_t width = j->info.output_width, parts = (size_t)j->info.output_components;
    while (j->info.output_scanline < j->info.output_height) {
        const int y = (int)j->info.output_scanline;
        JSAMPROW rows[1] = {j->samples};
        if (jpeg_read_scanlines(&j->info, rows, 1) != 1) break;
        for (size_t i = 0; i < 3 * width; i++)
            j->row[i] = (uint16_t)(257 * j->samples[parts == 1 ? i / 3 : i]);
        cit_photo_put(j->photo, j->plan.orientation, y, j->row);
    }
    jpeg_finish_decompress(&j->info);
}

/* Leaves by longjmp on any fault. */
static void read(jpeg *j) {
    struct jpeg_decompress_struct *info = &j->info;
    jpeg_create_decompress(info);
    info->progress = &j->progress;
    jpeg_mem_src(info, j->job->bytes, j->job->size);
    jpeg_save_markers(info, JPEG_APP0 + 1, 0xffff);
    jpeg_save_markers(info, JPEG_APP0 + 2, 0xffff);
    jpeg_read_header(info, TRUE);
    read_exif(j);
    read_profile(j);
    plan(j);
    const cit_status st = cit_photo_make(j->job, &j->plan, &j->photo);
    if (st != CIT_OK) leave((j_common_ptr)info, st);
    info->mem->max_memory_to_use = (long)fmin(j->job->memory + 1e8, 1e18);
    jpeg_start_decompress(info);
    take_rows(j);
    read_rows(j);
}

cit_status cit_jpeg_read(cit_job *job, cit_photo **ret) {
    void *made = NULL;
    const cit_status st = cit_job_take(job, 1, sizeof(jpeg), &made);
    if (st != CIT_OK) return st;
    jpeg *const j = made;
    j->job = job;
    j->info.err = jpeg_std_error(&j->handler);
    j->info.client_data = j;
    j->handler.error_exit = on_error;
    j->handler.emit_message = on_message;
    j->handler.output_message = on_output;
    j->progress.progress_monitor = on_progress;
    if (setjmp(j->out) == 0) read(j);
    jpeg_destroy_decompress(&j->info);
    free(j->samples);
    free(j->row);
    if (j->st == CIT_OK) {
        const size_t used = strlen(j->photo->origin);
        if (j->warnings > 0)
            snprintf(j->photo->origin + used, sizeof j->photo->origin - used, ", %d warnings",
                     j->warnings);
        *ret = j->photo;
    } else {
        cit_photo_free(j->photo);
    }
    const cit_status end = j->st;
    free(j);
    return end;
}
