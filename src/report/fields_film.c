/* Pictures of a course, numbered, for a video to be made of. */
#include "report_impl.h"
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { NUMBER_MAX = 9999, RATE_MAX = 60 };

static bool is_picture(const char *name) {
    return strlen(name) == 8 && strspn(name, "0123456789") == 4 && strcmp(name + 4, ".png") == 0;
}

void cit_film_cut(const char *folder, int count) {
    DIR *all = opendir(folder);
    if (all == NULL) return;
    for (const struct dirent *e = readdir(all); e != NULL; e = readdir(all))
        if (is_picture(e->d_name) && atoi(e->d_name) >= count) unlinkat(dirfd(all), e->d_name, 0);
    closedir(all);
}

/* Pictures of the report room have even sides, which that form of video asks for. */
static const char words[] =
    "The pictures of a course, in order. Any one of these commands, given in this folder, makes a\n"
    "film of them beside it; each names its Debian package.\n"
    "\n"
    "A video (ffmpeg):\n"
    "\n"
    "  ffmpeg -framerate %d -i %%04d.png -c:v libx264 -pix_fmt yuv420p -crf 18 \\\n"
    "    -movflags +faststart ../course.mp4\n"
    "\n"
    "An animated picture for a web page (webp):\n"
    "\n"
    "  img2webp -loop 0 -lossy -q 85 -d %d *.png -o ../course.webp\n"
    "\n"
    "An animated PNG, without loss (apngasm):\n"
    "\n"
    "  apngasm ../course.png 0000.png 1 %d\n";

cit_status cit_film_begin(const char *folder, int rate, bool force, cit_errors *errs) {
    char text[sizeof words + 40], path[1100];
    if (rate < 1 || rate > RATE_MAX)
        return cit_fail(errs, CIT_INVALID, folder, "%d pictures a second; 1 to %d can be shown",
                        rate, RATE_MAX);
    const cit_status st = cit_folder_may_write(folder, force, errs);
    if (st != CIT_OK) return st;
    if (mkdir(folder, 0777) != 0 && errno != EEXIST)
        return cit_fail(errs, CIT_IO, folder, "could not be made: %s", strerror(errno));
    cit_film_cut(folder, 0);
    snprintf(text, sizeof text, words, rate, 1000 / rate, rate);
    snprintf(path, sizeof path, "%.1000s/README", folder);
    return cit_file_write(path, text, strlen(text), errs);
}

cit_status cit_film_add(const char *folder, int number, const unsigned char *png, size_t size,
                        cit_errors *errs) {
    char path[1100];
    if (number < 0 || number > NUMBER_MAX)
        return cit_fail(errs, CIT_INVALID, folder, "picture %d; 0 to %d can be numbered", number,
                        NUMBER_MAX);
    snprintf(path, sizeof path, "%.1000s/%04d.png", folder, number);
    return cit_file_write(path, png, size, errs);
}
