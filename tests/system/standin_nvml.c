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
typedef struct { unsigned long long total, free, used; } bar1_t;
typedef struct { unsigned gpu, memory; } utilization_t;
typedef union { double real; unsigned number; unsigned long long large; } value_t;
typedef struct { unsigned field, scope; long long time, latency; unsigned type, result; value_t value; } field_t;
typedef struct {
    unsigned version; unsigned char cluster[16]; unsigned status, clique; unsigned char state; unsigned health;
} fabric_t;
typedef struct { unsigned environment, feature, devtools; } confidential_t;
typedef struct {
    unsigned id, p2p, slices, instances, multiprocessors, copies, decoders, encoders, jpegs, ofas; unsigned long long megabytes;
} profile_t;
typedef struct { device_t device; unsigned id, profile, start, size; } gpu_instance_t;
typedef struct {
    unsigned version; unsigned long long aggregate[3], during[3], buckets[5]; unsigned exceeded;
} sram_t;

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
    if (index_of(device) >= 100) { snprintf(text, size, "NVIDIA H100 80GB HBM3 MIG 1g.10gb"); return OK; }
    if (is("garbage")) { memcpy(text, "\xff\xfe", 3); return OK; }
    snprintf(text, size, is("old") ? "Tesla K80" : "NVIDIA H100 80GB HBM3");
    return OK;
}
int nvmlDeviceGetUUID(device_t device, char *text, unsigned size) {
    if (index_of(device) >= 100) { snprintf(text, size, "MIG-%u", index_of(device)); return OK; }
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
    if (index_of(device) >= 100) { memory->total = 10 * GIB; memory->free = 9 * GIB; memory->used = GIB; return OK; }
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
int nvmlDeviceGetPerformanceState(device_t device, unsigned *out) { (void)device; *out = is("throttled") ? 8 : 0; return OK; }
int nvmlDeviceGetUtilizationRates(device_t device, utilization_t *out) { (void)device; out->gpu = 97; out->memory = 3; return OK; }
int nvmlDeviceGetPowerUsage(device_t device, unsigned *out) { (void)device; *out = 113250; return OK; }
int nvmlDeviceGetPowerManagementLimitConstraints(device_t device, unsigned *least, unsigned *most) {
    (void)device; *least = 200000; *most = 700000; return OK;
}
int nvmlDeviceGetBAR1MemoryInfo(device_t device, bar1_t *out) {
    (void)device; out->total = 128 * GIB; out->free = 127 * GIB; out->used = GIB; return OK;
}
int nvmlDeviceGetPcieReplayCounter(device_t device, unsigned *out) { *out = is("replays") && !index_of(device) ? 4096 : 0; return OK; }
int nvmlDeviceGetTotalEccErrors(device_t device, unsigned kind, unsigned counter, unsigned long long *out) {
    if (is("old") || is("no-ecc")) return NOT_SUPPORTED;
    if (lost(device)) return LOST;
    *out = is("ecc") && index_of(device) == 2 ? (kind ? 3 : 17) + 100 * counter : 0;
    return OK;
}
int nvmlDeviceGetMemoryErrorCounter(device_t device, unsigned kind, unsigned counter, unsigned place, unsigned long long *out) {
    if (is("old") || is("no-ecc")) return NOT_SUPPORTED;
    if (lost(device)) return LOST;
    if (is("volta") ? place > 4 : (place != 2 && place != 7)) return NOT_SUPPORTED;
    *out = is("volta") ? place + 1 : is("ecc") && index_of(device) == 2 && place == 2 ? (kind ? 3 : 17) + 100 * counter : 0;
    return OK;
}
int nvmlDeviceGetRetiredPages(device_t device, unsigned cause, unsigned *count, unsigned long long *pages) {
    unsigned there = is("volta") ? (cause ? 2 : 1) : 0;
    (void)device;
    if (!is("volta")) return NOT_SUPPORTED;
    if (pages == NULL || *count < there) { *count = there; return INSUFFICIENT_SIZE; }
    for (*count = 0; *count < there; ++*count) pages[*count] = 0x1000 * (*count + 1);
    return OK;
}
int nvmlDeviceGetRetiredPagesPendingStatus(device_t device, unsigned *out) { (void)device; *out = 1; return OK; }
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
/* MIG devices of GPU 0: the first of GPU instance 1, the second of 2; GPU instance 5 holds no compute instance. */
static unsigned mig_devices[2] = {100, 101};
static unsigned gpu_instances[3] = {1, 2, 5};
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
    *current = *pending = (is("mig") || is("mig-user")) && index_of(device) == 0;
    return OK;
}
int nvmlDeviceGetCurrentClocksEventReasons(device_t device, unsigned long long *mask) {
    (void)device;
    *mask = is("throttled") ? 0x8 | 0x40 : 0x1 | 0x4 | 0x10000;
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
int nvmlDeviceGetGpuMaxPcieLinkGeneration(device_t device, unsigned *out) { (void)device; *out = 5; return OK; }
int nvmlDeviceGetRemappedRows(device_t device, unsigned *corrected, unsigned *uncorrected, unsigned *pending, unsigned *failed) {
    int ill = index_of(device) == 1 && (is("remap-pending") || is("remap-failed"));
    if (is("volta")) return NOT_SUPPORTED;
    *corrected = 0; *uncorrected = ill ? 2 : 0; *pending = ill && is("remap-pending"); *failed = ill && is("remap-failed");
    return OK;
}
int nvmlDeviceGetSramEccErrorStatus(device_t device, sram_t *status) {
    if (status->version != 0x1000068) return INVALID_ARGUMENT;
    status->exceeded = is("ecc") && index_of(device) == 2;
    return OK;
}
int nvmlDeviceGetRepairStatus(device_t device, unsigned *status) {
    if (status[0] != 0x100000C) return INVALID_ARGUMENT;
    status[1] = 0;
    status[2] = is("repair") && index_of(device) == 3;
    return OK;
}
int nvmlDeviceGetFieldValues(device_t device, int count, field_t *fields) {
    for (int place = 0; place < count; ++place) {
        field_t *asked = &fields[place];
        asked->result = OK; asked->type = 1;
        if (asked->field == 230) asked->value.number = is("reset") && index_of(device) == 4 ? 1 : 0;
        else if (asked->field == 164) asked->value.number = 26562;
        else asked->result = NOT_SUPPORTED;
    }
    return OK;
}
int nvmlDeviceGetGpuFabricInfoV(device_t device, fabric_t *info) {
    (void)device;
    if (info->version != 0x02000024) return INVALID_ARGUMENT;
    info->state = is("fabric") ? 2 : 3; info->status = is("fabric") ? UNKNOWN : OK;
    info->clique = 7; info->health = is("degraded") ? 0x1a9 : 0x1aa;
    return OK;
}
int nvmlDeviceGetVirtualizationMode(device_t device, unsigned long long *out) { (void)device; *out = is("vgpu") ? 2 : 0; return OK; }
int nvmlDeviceGetGridLicensableFeatures_v4(device_t device, unsigned *features) {
    (void)device;
    features[0] = features[1] = is("vgpu");
    features[3] = 0;
    return OK;
}
int nvmlSystemGetConfComputeState(confidential_t *state) { state->feature = is("confidential"); state->devtools = 0; return OK; }
int nvmlSystemGetConfComputeGpusReadyState(unsigned *out) { *out = !is("confidential"); return OK; }
int nvmlDeviceGetNvLinkState(device_t device, unsigned link, unsigned *active) {
    if (link >= 18) return INVALID_ARGUMENT;
    if (is("no-nvlink")) return NOT_SUPPORTED;
    *active = !(is("nvlink") && index_of(device) == 5 && link == 3);
    return OK;
}
int nvmlDeviceGetNvLinkVersion(device_t device, unsigned link, unsigned *out) { (void)device; (void)link; *out = 4; return OK; }
int nvmlDeviceGetNvLinkRemoteDeviceType(device_t device, unsigned link, unsigned *out) { (void)device; (void)link; *out = 2; return OK; }
int nvmlDeviceGetNvLinkRemotePciInfo_v2(device_t device, unsigned link, pci_t *pci) {
    (void)device;
    snprintf(pci->address, sizeof pci->address, "00000000:%02X:00.0", 0xC0 + link % 4);
    return OK;
}
int nvmlDeviceGetNvLinkErrorCounter(device_t device, unsigned link, unsigned counter, unsigned long long *out) {
    *out = is("nvlink") && index_of(device) == 6 && link == 2 ? 10 + counter : 0;
    return OK;
}
int nvmlDeviceGetTopologyCommonAncestor(device_t one, device_t other, unsigned *level) {
    *level = index_of(one) / 4 == index_of(other) / 4 ? 40 : 50;
    return OK;
}
int nvmlDeviceGetP2PStatus(device_t one, device_t other, unsigned kind, unsigned *status) {
    (void)one; (void)other; (void)kind;
    *status = is("no-nvlink") ? 1 : 0;
    return OK;
}
int nvmlDeviceGetMaxMigDeviceCount(device_t device, unsigned *count) { (void)device; *count = 7; return OK; }
int nvmlDeviceGetMigDeviceHandleByIndex(device_t device, unsigned index, device_t *out) {
    (void)device;
    if (index >= 2) return 6;
    *out = (device_t)&mig_devices[index];
    return OK;
}
int nvmlDeviceGetGpuInstanceId(device_t device, unsigned *out) { *out = index_of(device) - 99; return OK; }
int nvmlDeviceGetComputeInstanceId(device_t device, unsigned *out) { (void)device; *out = 0; return OK; }
int nvmlDeviceGetGpuInstanceProfileInfo(device_t device, unsigned profile, profile_t *info) {
    (void)device;
    if (profile != 0) return NOT_SUPPORTED;
    memset(info, 0, sizeof *info);
    info->id = 19; info->instances = 7; info->megabytes = 9984;
    return OK;
}
int nvmlDeviceGetGpuInstances(device_t device, unsigned profile, void **instances, unsigned *count) {
    (void)device;
    if (profile != 19) return INVALID_ARGUMENT;
    if (is("mig-user")) return NO_PERMISSION;
    for (*count = 0; *count < 3; ++*count) instances[*count] = &gpu_instances[*count];
    return OK;
}
int nvmlGpuInstanceGetInfo(void *instance, gpu_instance_t *info) { info->id = *(unsigned *)instance; return OK; }
#else
int nvmlSystemGetCudaDriverVersion(int *version) { *version = 9000; return OK; }
#endif
