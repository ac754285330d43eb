/* A stand-in for libnvidia-ml.so.1: answers the calls that envdoctor makes, by the scenario that the variable
 * NVML_STANDIN names. Built with -DOLD_DRIVER it lacks the calls that drivers of 2017 lacked.
 * Signatures and numbers: NVML API Reference, https://docs.nvidia.com/deploy/nvml-api/
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OK = 0, INVALID_ARGUMENT = 2, NOT_SUPPORTED = 3, NO_PERMISSION = 4, INSUFFICIENT_SIZE = 7, NOT_LOADED = 9,
       LOST = 15, MISMATCH = 18, UNKNOWN = 999 };
typedef struct { unsigned index; } *device_t;
typedef struct { unsigned long long total, free, used; } memory_t;
typedef struct { unsigned version; unsigned long long total, reserved, free, used; } memory_v2_t;
typedef struct { char legacy[16]; unsigned domain, bus, device, id, subsystem; char address[32]; } pci_t;
typedef struct { unsigned pid; unsigned long long used; unsigned gpu_instance, compute_instance; } process_t;

static unsigned indexes[8] = {0, 1, 2, 3, 4, 5, 6, 7};
static const unsigned long long GIB = 1ULL << 30;

static int is(const char *name) {
    const char *scenario = getenv("NVML_STANDIN");
    return scenario != NULL && strcmp(scenario, name) == 0;
}
static unsigned index_of(device_t device) { return *(unsigned *)device; }
static int lost(device_t device) { return is("lost") && index_of(device) == 3; }

int nvmlInitWithFlags(unsigned flags) {
    (void)flags;
    if (is("not-loaded")) return NOT_LOADED;
    if (is("mismatch")) return MISMATCH;
    if (is("no-permission")) return NO_PERMISSION;
    if (is("unknown")) return UNKNOWN;
    return OK;
}
const char *nvmlErrorString(int error) {
    switch (error) {
    case NOT_SUPPORTED: return "Not Supported";
    case LOST: return "GPU is lost";
    case MISMATCH: return "Driver/library version mismatch";
    default: return "Some error";
    }
}
int nvmlSystemGetDriverVersion(char *text, unsigned size) {
    snprintf(text, size, is("old") ? "384.183" : "535.104.05");
    return OK;
}
int nvmlSystemGetNVMLVersion(char *text, unsigned size) {
    snprintf(text, size, is("old") ? "9.384.183" : "12.535.104.05");
    return OK;
}
int nvmlDeviceGetCount_v2(unsigned *count) {
    *count = is("old") ? 1 : 8;
    return OK;
}
int nvmlDeviceGetHandleByIndex_v2(unsigned index, device_t *device) {
    if (index >= 8) return INVALID_ARGUMENT;
    if (is("gone") && index == 3) return LOST;
    *device = (device_t)&indexes[index];
    return OK;
}
int nvmlDeviceGetName(device_t device, char *text, unsigned size) {
    (void)device;
    if (is("garbage")) { memcpy(text, "\xff\xfe", 3); return OK; }
    snprintf(text, size, is("old") ? "Tesla K80" : "NVIDIA H100 80GB HBM3");
    return OK;
}
int nvmlDeviceGetUUID(device_t device, char *text, unsigned size) {
    snprintf(text, size, "GPU-8932f937-d72c-4106-c12f-20bd9faed9f%u", index_of(device));
    return OK;
}
int nvmlDeviceGetCudaComputeCapability(device_t device, int *major, int *minor) {
    (void)device;
    *major = is("old") ? 3 : 9;
    *minor = is("old") ? 7 : 0;
    return OK;
}
int nvmlDeviceGetMemoryInfo(device_t device, memory_t *memory) {
    if (lost(device)) return LOST;
    memory->total = 12 * GIB; memory->free = 11 * GIB; memory->used = GIB;
    return OK;
}
int nvmlDeviceGetPersistenceMode(device_t device, unsigned *mode) { (void)device; *mode = 1; return OK; }
int nvmlDeviceGetComputeMode(device_t device, unsigned *mode) { (void)device; *mode = 3; return OK; }
int nvmlDeviceGetEccMode(device_t device, unsigned *current, unsigned *pending) {
    (void)device;
    if (is("old")) return NOT_SUPPORTED;
    *current = *pending = 1;
    return OK;
}
int nvmlDeviceGetCurrPcieLinkGeneration(device_t device, unsigned *out) { (void)device; *out = 1; return OK; }
int nvmlDeviceGetMaxPcieLinkGeneration(device_t device, unsigned *out) { (void)device; *out = 5; return OK; }
int nvmlDeviceGetCurrPcieLinkWidth(device_t device, unsigned *out) { (void)device; *out = 8; return OK; }
int nvmlDeviceGetMaxPcieLinkWidth(device_t device, unsigned *out) { (void)device; *out = 16; return OK; }
int nvmlDeviceGetPowerManagementLimit(device_t device, unsigned *out) { (void)device; *out = 650500; return OK; }
int nvmlDeviceGetPowerManagementDefaultLimit(device_t device, unsigned *out) { (void)device; *out = 700000; return OK; }
int nvmlDeviceGetTemperature(device_t device, unsigned sensor, unsigned *out) {
    (void)sensor;
    if (lost(device)) return LOST;
    *out = 41;
    return OK;
}
int nvmlDeviceGetCurrentClocksThrottleReasons(device_t device, unsigned long long *mask) {
    (void)device;
    *mask = 0x44;
    return OK;
}

#ifndef OLD_DRIVER
int nvmlSystemGetCudaDriverVersion_v2(int *version) { *version = 12020; return OK; }
int nvmlDeviceGetMemoryInfo_v2(device_t device, memory_v2_t *memory) {
    if (lost(device)) return LOST;
    memory->total = 80 * GIB; memory->reserved = GIB; memory->free = 77 * GIB; memory->used = 2 * GIB;
    return OK;
}
int nvmlDeviceGetPciInfo_v3(device_t device, pci_t *pci) {
    pci->id = 0x233010de; pci->subsystem = 0x16c110de;
    snprintf(pci->address, sizeof pci->address, "00000000:%02X:00.0", 0x1B + index_of(device));
    return OK;
}
int nvmlDeviceGetMigMode(device_t device, unsigned *current, unsigned *pending) {
    *current = *pending = is("mig") && index_of(device) == 0;
    return OK;
}
int nvmlDeviceGetCurrentClocksEventReasons(device_t device, unsigned long long *mask) {
    (void)device;
    *mask = 0x1 | 0x4 | 0x10000;
    return OK;
}
int nvmlDeviceGetComputeRunningProcesses_v3(device_t device, unsigned *count, process_t *processes) {
    unsigned there = index_of(device) == 0 ? 1 : 0;
    if (*count < there) { *count = there; return INSUFFICIENT_SIZE; }
    *count = there;
    if (there) { memset(processes, 0, sizeof *processes); processes->pid = 4242; processes->used = GIB; }
    return OK;
}
int nvmlDeviceGetGraphicsRunningProcesses_v3(device_t device, unsigned *count, process_t *processes) {
    (void)device; (void)processes;
    *count = 0;
    return OK;
}
#else
int nvmlSystemGetCudaDriverVersion(int *version) { *version = 9000; return OK; }
#endif
