/* Opens, reads and closes FILE for COUNT times and prints how many times a second. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

int main(int argc, char **argv) {
    if (argc != 3) return 2;
    const long count = atol(argv[2]);
    char buffer[4096];
    struct timespec begin, end;
    clock_gettime(CLOCK_MONOTONIC, &begin);
    for (long i = 0; i < count; i++) {
        const int file = open(argv[1], O_RDONLY);
        if (file < 0 || read(file, buffer, sizeof buffer) <= 0) { perror(argv[1]); return 1; }
        close(file);
    }
    clock_gettime(CLOCK_MONOTONIC, &end);
    const double seconds = (double)(end.tv_sec - begin.tv_sec) + (double)(end.tv_nsec - begin.tv_nsec) / 1e9;
    printf("%.0f\n", (double)count / seconds);
    return 0;
}
