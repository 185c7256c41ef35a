#include "harness/base/torch_library.h"

#include <dlfcn.h>
#include <fmt/format.h>

namespace assay {

LibraryEntry torch_entry([[maybe_unused]] const char* name, const std::string& purpose) {
#ifdef ASSAY_WITH_TORCH
  void* library = dlopen(kTorchLibraryName, RTLD_NOW | RTLD_LOCAL);
  void* entry = library ? dlsym(library, name) : nullptr;
  if (entry) return {entry, ""};
  const char* why = dlerror();
  return {
      nullptr,
      fmt::format("{} cannot be loaded ({}): install the Debian package assay-torch {}, or, where "
                  "assay was built by hand, libtorch",
                  kTorchLibraryName, why ? why : "unknown reason", purpose)};
#else
  return {nullptr, fmt::format("this assay was built without libtorch: install libtorch-dev and "
                               "build again with -DASSAY_TORCH=ON {}",
                               purpose)};
#endif
}

std::string torch_reason(const std::string& what) {
  if (!what.starts_with("The following operation failed")) return what.substr(0, what.find('\n'));
  const std::string text = what.substr(0, what.find_last_not_of('\n') + 1);
  return text.substr(text.rfind('\n') + 1);
}

}  // namespace assay
