/*
 * A libfuse server that serves one file with constant contents, `value`, in a directory `d` that has such a
 * directory again, and so on: what the box's server is compared with. NAME_SECONDS in its environment: how long
 * the kernel may keep names and attributes.
 */
#define FUSE_USE_VERSION 31
#include <errno.h>
#include <fuse.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const char text[] = "1\n";

static int get_attributes(const char *path, struct stat *st, struct fuse_file_info *info) {
    (void)info;
    memset(st, 0, sizeof *st);
    while (strncmp(path, "/d", 2) == 0 && (path[2] == '/' || path[2] == '\0')) path += 2;
    if (strcmp(path, "/") == 0 || *path == '\0') {
        st->st_mode = S_IFDIR | 0755;
        st->st_nlink = 2;
        return 0;
    }
    if (strcmp(path, "/value") != 0) return -ENOENT;
    st->st_mode = S_IFREG | 0444;
    st->st_nlink = 1;
    st->st_size = 4096;
    return 0;
}

static int open_file(const char *path, struct fuse_file_info *info) {
    (void)path;
    info->direct_io = 1;
    return 0;
}

static int read_file(const char *path, char *buffer, size_t size, off_t offset, struct fuse_file_info *info) {
    (void)path, (void)info;
    const size_t length = sizeof text - 1;
    if ((size_t)offset >= length) return 0;
    const size_t rest = length - (size_t)offset;
    const size_t count = rest < size ? rest : size;
    memcpy(buffer, text + offset, count);
    return (int)count;
}

static void *start(struct fuse_conn_info *connection, struct fuse_config *config) {
    (void)connection;
    const char *const seconds = getenv("NAME_SECONDS");
    config->entry_timeout = seconds == NULL ? 0 : atof(seconds);
    config->attr_timeout = config->entry_timeout;
    config->negative_timeout = 0;
    return NULL;
}

static const struct fuse_operations operations = {
    .init = start, .getattr = get_attributes, .open = open_file, .read = read_file};

int main(int argc, char **argv) { return fuse_main(argc, argv, &operations, NULL); }
