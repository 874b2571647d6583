// Finding libraries of NVIDIA's.
#include "THC/THCVendor.h"

#include <dlfcn.h>

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

// NULL if it is nowhere, or, with `failure` set, if it is there and cannot be opened.
void *openAny(const THCVendor &vendor, char *failure, size_t room)
{
    failure[0] = '\0';
    for (const std::string &place : places(vendor)) {
        for (size_t i = 0; vendor.files[i] != nullptr; i++) {
            const std::string path = place + vendor.files[i];
            if (void *const handle = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL)) return handle;
            const char *const why = dlerror();
            const bool absent = why == nullptr || (strncmp(why, path.c_str(), path.size()) == 0 &&
                                                   strstr(why, "cannot open shared object file: No such file") != nullptr);
            if (!absent && failure[0] == '\0') snprintf(failure, room, "%s", why);
        }
    }
    return nullptr;
}

} // namespace

void THC_searchIn(const char *folders)
{
    const std::lock_guard<std::mutex> lock(*mutex);
    *searched = folders == nullptr ? "" : folders;
}

bool thc_openVendor(const THCVendor *vendor, const THCVendorFunction *functions, size_t count, char *failure, size_t room)
{
    void *const handle = openAny(*vendor, failure, room);
    if (handle == nullptr) {
        if (failure[0] == '\0') snprintf(failure, room, "%s was not found; %s", vendor->files[0], vendor->install);
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        void *const address = dlsym(handle, functions[i].symbol);
        memcpy(functions[i].place, &address, sizeof address);
        if (address != nullptr) continue;
        snprintf(failure, room, "the installed %s has no function %s; %s", vendor->files[0], functions[i].symbol,
                 vendor->install);
        return false;
    }
    failure[0] = '\0';
    return true;
}
