/* Feeds files to a fuzz target, where there is no fuzzer: every file named, and every file of the
 * folders named. The target aborts at what is broken; the last name printed is then the culprit. */
#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int fail(const char *path) {
    fprintf(stderr, "%s: %s\n", path, strerror(errno));
    return -1;
}

/* Reads exactly as much memory as the file has bytes, so that a sanitizer sees one more. */
static int replay_file(const char *path, size_t size) {
    FILE *file = fopen(path, "rb");
    uint8_t *bytes = malloc(size > 0 ? size : 1);
    int result = -1;
    if (file != NULL && bytes != NULL && fread(bytes, 1, size, file) == size) {
        puts(path);
        fflush(stdout);
        LLVMFuzzerTestOneInput(bytes, size);
        result = 1;
    } else {
        fail(path);
    }
    free(bytes);
    if (file != NULL) fclose(file);
    return result;
}

static int replay(const char *path);

static int replay_folder(const char *path) {
    int count = 0;
    DIR *folder = opendir(path);
    if (folder == NULL) return fail(path);
    for (const struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        char inside[4096];
        if (entry->d_name[0] == '.') continue;
        snprintf(inside, sizeof inside, "%s/%s", path, entry->d_name);
        const int more = replay(inside);
        if (more < 0) {
            closedir(folder);
            return -1;
        }
        count += more;
    }
    closedir(folder);
    return count;
}

/* How many files were fed; -1: one could not be read. */
static int replay(const char *path) {
    struct stat info;
    if (stat(path, &info) != 0) return fail(path);
    return S_ISDIR(info.st_mode) ? replay_folder(path) : replay_file(path, (size_t)info.st_size);
}

int main(int count, char **paths) {
    int files = 0;
    for (int i = 1; i < count; i++) {
        const int more = replay(paths[i]);
        if (more < 0) return 1;
        files += more;
    }
    printf("%d files\n", files);
    return files > 0 ? 0 : 1;
}
