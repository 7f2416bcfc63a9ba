/*
 * Files in memory that several hosts have in common, by the idea of famfs: one host, the master, writes files and a log
 * of their metadata; all others replay the log, and map the data where it lies.
 *
 *   cc -O2 -o shared-files shared-files.c
 *   ./shared-files /dev/dax0.0 format                    # on the master
 *   ./shared-files /dev/dax0.0 put NAME < FILE           # on the master
 *   ./shared-files /dev/dax0.0 list                      # on any host
 *   ./shared-files /dev/dax0.0 cat NAME                  # on any host
 *
 * The log only grows and its length is stored last, so a reader sees whole entries without a lock. Memory that does not
 * invalidate the caches of other hosts needs more where FLUSH and INVALIDATE stand below: a box is always coherent.
 */
#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define MAGIC 0x73656c6966786c63ull
/* The alignment of a DAX mapping on x86: the superblock and the log have the first such unit, each extent a further one. */
#define UNIT (2ul << 20)
#define EXTENTS 6u

struct entry {
	char name[64];
	uint64_t size;
	/* Units of the device, each filled but for the last one. */
	uint32_t extents[EXTENTS];
};

struct superblock {
	uint64_t magic;
	uint64_t units;
	char master[64];
	uint64_t next_unit;
	_Alignas(64) _Atomic uint64_t entries;
	_Alignas(64) struct entry log[];
};

#define LOG_LENGTH ((UNIT - sizeof(struct superblock)) / sizeof(struct entry))

static int device;

static void fail(const char *what, const char *why)
{
	fprintf(stderr, "shared-files: %s: %s\n", what, why);
	exit(1);
}

static void *map(uint64_t unit, int protection)
{
	void *at = mmap(NULL, UNIT, protection, MAP_SHARED, device, unit * UNIT);
	if (at == MAP_FAILED)
		fail("mmap", "the device cannot be mapped");
	return at;
}

static const char *this_host(void)
{
	static char name[64];
	if (getenv("CXLBOX_HOST"))
		return getenv("CXLBOX_HOST");
	gethostname(name, sizeof(name) - 1);
	return name;
}

/* A DAX device has no size of its own: sysfs tells. */
static uint64_t units_of(const char *path)
{
	char file[256];
	unsigned long long size = 0;
	const char *slash = strrchr(path, '/');
	snprintf(file, sizeof(file), "/sys/bus/dax/devices/%s/size", slash ? slash + 1 : path);
	FILE *attribute = fopen(file, "r");
	if (!attribute || fscanf(attribute, "%llu", &size) != 1)
		fail(file, "cannot be read");
	fclose(attribute);
	return size / UNIT;
}

static struct entry *find(struct superblock *sb, const char *name)
{
	/* INVALIDATE the line of the length, then those of the entries. */
	uint64_t entries = atomic_load_explicit(&sb->entries, memory_order_acquire);
	for (uint64_t i = 0; i < entries; i++)
		if (strcmp(sb->log[i].name, name) == 0)
			return &sb->log[i];
	return NULL;
}

static void format(struct superblock *sb, const char *path)
{
	memset(sb, 0, sizeof(*sb));
	sb->units = units_of(path);
	snprintf(sb->master, sizeof(sb->master), "%s", this_host());
	sb->next_unit = 1;
	sb->magic = MAGIC;
	/* FLUSH */
}

static void put(struct superblock *sb, const char *name)
{
	uint64_t entries = atomic_load(&sb->entries);
	struct entry *entry = &sb->log[entries];
	if (strcmp(sb->master, this_host()) != 0)
		fail(sb->master, "is the master; only it writes");
	if (strlen(name) >= sizeof(entry->name) || find(sb, name) || entries == LOG_LENGTH)
		fail(name, "is too long or there already, or the log is full");
	memset(entry, 0, sizeof(*entry));
	strcpy(entry->name, name);
	for (unsigned i = 0, end = 0; !end; i++) {
		if (i == EXTENTS || sb->next_unit + i >= sb->units)
			fail(name, "is too large");
		char *data = map(sb->next_unit + i, PROT_READ | PROT_WRITE);
		size_t filled = fread(data, 1, UNIT, stdin);
		/* FLUSH the data */
		munmap(data, UNIT);
		entry->extents[i] = sb->next_unit + i;
		entry->size += filled;
		end = filled < UNIT;
	}
	sb->next_unit += (entry->size + UNIT - 1) / UNIT;
	/* FLUSH the entry; then what makes it a part of the log, and FLUSH that. */
	atomic_store_explicit(&sb->entries, entries + 1, memory_order_release);
}

static void cat(struct superblock *sb, const char *name)
{
	struct entry *entry = find(sb, name);
	if (!entry)
		fail(name, "there is no such file");
	for (uint64_t done = 0, i = 0; done < entry->size; i++) {
		char *data = map(entry->extents[i], PROT_READ);
		uint64_t length = entry->size - done < UNIT ? entry->size - done : UNIT;
		fwrite(data, 1, length, stdout);
		munmap(data, UNIT);
		done += length;
	}
}

int main(int argc, char **argv)
{
	int writes = argc > 2 && (strcmp(argv[2], "format") == 0 || strcmp(argv[2], "put") == 0);
	if (argc < 3 || (argc < 4 && (strcmp(argv[2], "put") == 0 || strcmp(argv[2], "cat") == 0))) {
		fprintf(stderr, "usage: shared-files DEVICE format|put NAME|list|cat NAME\n");
		return 2;
	}
	device = open(argv[1], writes ? O_RDWR : O_RDONLY);
	if (device < 0) {
		perror(argv[1]);
		return 1;
	}
	struct superblock *sb = map(0, writes ? PROT_READ | PROT_WRITE : PROT_READ);
	if (strcmp(argv[2], "format") == 0) {
		format(sb, argv[1]);
		return 0;
	}
	if (sb->magic != MAGIC)
		fail(argv[1], "is not formatted");
	if (strcmp(argv[2], "put") == 0)
		put(sb, argv[3]);
	else if (strcmp(argv[2], "cat") == 0)
		cat(sb, argv[3]);
	else
		for (uint64_t i = 0; i < atomic_load_explicit(&sb->entries, memory_order_acquire); i++)
			printf("%s %llu\n", sb->log[i].name, (unsigned long long)sb->log[i].size);
	return 0;
}
