// The library of all that needs libtorch. Linked into the program libtorch would cost every start half
// a second, so what needs it lies in a library beside the program that is loaded at the first use. Both
// are built from the same sources by the same compiler: C++ types and exceptions cross. Each room that
// has a part in it stands behind an abstract class, for which its door asks once
// (harness/simulator/torch_room.h, harness/models/model_room.h). Thread-safe.
#pragma once

#include <string>

namespace assay {

inline constexpr char kTorchLibraryName[] = "libassay_torch.so";  ///< lies beside the program

/// What a name stands for in the library; null, and one sentence saying why, where it cannot be had.
struct LibraryEntry {
  void* address = nullptr;
  std::string missing;
};
/// Loads the library at the first call and never unloads it: libtorch's threads live as long as the
/// program. `purpose` ends the sentence: "to fit models".
LibraryEntry torch_entry(const char* name, const std::string& purpose);

/// The line of libtorch's message that says why a module failed. Where it failed in its own code that
/// is the last, behind a trace, else the first.
std::string torch_reason(const std::string& what);

}  // namespace assay
