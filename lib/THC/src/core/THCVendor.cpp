// Finding libraries of NVIDIA's.
#include "THC/THCVendor.h"

#include <dlfcn.h>
#include <link.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <sstream>
#include <string>
#include <vector>

namespace
{

// Never destroyed: threads may outlive the library's other statics at the end of the process.
std::mutex *const opening = new std::mutex;
std::mutex *const mutex = new std::mutex;
std::string *const searched = new std::string;

// The folder of this very library: torch/lib of an installed torch, so that wheels of NVIDIA lie two above.
std::string ownFolder()
{
    Dl_info own;
    if (dladdr(reinterpret_cast<void *>(thc_openVendor), &own) == 0 || own.dli_fname == nullptr) return "";
    const char *const slash = strrchr(own.dli_fname, '/');
    return slash == nullptr ? "." : std::string(own.dli_fname, (size_t)(slash - own.dli_fname));
}

std::vector<std::string> packageFolders()
{
    std::vector<std::string> found;
    const std::string own = ownFolder();
    if (!own.empty()) found.push_back(own + "/../..");
    const std::lock_guard<std::mutex> lock(*mutex);
    std::istringstream folders(*searched);
    for (std::string folder; std::getline(folders, folder, ':');)
        if (!folder.empty()) found.push_back(folder);
    return found;
}

std::vector<std::string> places(const THCVendor &vendor)
{
    std::vector<std::string> found = {""};
    for (const std::string &folder : packageFolders()) {
        found.push_back(folder + "/nvidia/" + vendor.folder + "/lib/");
        found.push_back(folder + "/nvidia/cu13/lib/");
    }
    const char *const home = getenv("CUDA_HOME");
    if (home != nullptr && home[0] != '\0') {
        found.push_back(std::string(home) + "/lib64/");
        found.push_back(std::string(home) + "/lib/"); // the layout of wheels
    }
    found.push_back("/usr/local/cuda/lib64/");
    return found;
}

// What is kept of the answer.
enum Answer { UNKNOWN, USABLE, UNUSABLE };
constexpr size_t ROOM = sizeof(THCVendor::found.failure);

// NULL, with the reason in `failure`, if it is nowhere, or is there and cannot be opened.
void *openAny(const THCVendor &vendor, char *failure)
{
    failure[0] = '\0';
    for (const std::string &place : places(vendor)) {
        for (size_t i = 0; vendor.files[i] != nullptr; i++) {
            const std::string path = place + vendor.files[i];
            if (void *const handle = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL)) return handle;
            const char *const why = dlerror();
            const bool absent = why == nullptr || (strncmp(why, path.c_str(), path.size()) == 0 &&
                                                   strstr(why, "cannot open shared object file: No such file") != nullptr);
            if (!absent && failure[0] == '\0')
                snprintf(failure, ROOM, "%s cannot be opened: %s; %s", vendor.files[i], why, vendor.install);
        }
    }
    if (failure[0] == '\0') snprintf(failure, ROOM, "%s was not found; %s", vendor.files[0], vendor.install);
    return nullptr;
}

// Where an opened library lies.
const char *pathOf(void *handle, const THCVendor &vendor)
{
    struct link_map *map = nullptr;
    return dlinfo(handle, RTLD_DI_LINKMAP, &map) == 0 && map->l_name[0] != '\0' ? map->l_name : vendor.files[0];
}

Answer look(const THCVendor &vendor, char *failure)
{
    void *const handle = openAny(vendor, failure);
    if (handle == nullptr) return UNUSABLE;
    for (size_t i = 0; i < vendor.count; i++) {
        void *const address = dlsym(handle, vendor.functions[i].symbol);
        memcpy(vendor.functions[i].place, &address, sizeof address);
        if (address != nullptr) continue;
        if (i >= vendor.required) break;
        snprintf(failure, ROOM, "%s has no function %s: it is too old, or another library; %s", pathOf(handle, vendor),
                 vendor.functions[i].symbol, vendor.install);
        return UNUSABLE;
    }
    return USABLE;
}

} // namespace

void THC_searchIn(const char *folders)
{
    const std::lock_guard<std::mutex> lock(*mutex);
    *searched = folders == nullptr ? "" : folders;
}

THStatus thc_openVendor(const char *op, THCVendor *vendor)
{
    int answer = __atomic_load_n(&vendor->found.answer, __ATOMIC_ACQUIRE);
    if (answer == UNKNOWN) {
        const std::lock_guard<std::mutex> lock(*opening);
        answer = vendor->found.answer;
        if (answer == UNKNOWN) answer = look(*vendor, vendor->found.failure);
        __atomic_store_n(&vendor->found.answer, answer, __ATOMIC_RELEASE);
    }
    TH_FAIL_IF(answer != USABLE, TH_ERR_UNSUPPORTED, "[%s] %s: %s", op, vendor->need, vendor->found.failure);
    return TH_OK;
}
