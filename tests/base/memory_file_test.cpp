#include "harness/base/memory_file.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/mman.h>

#include <string>

using namespace assay;

// The extension's memory file was open for writing in every judged process below level full. A
// limit on written bytes stopped write(), but not a shared mapping: a program patched the code of
// the warm interpreter, and with it the answers of all programs after it.
TEST_CASE("a memory file cannot be changed by any descriptor or mapping once it is made") {
  const std::string text = "what it holds";
  const Fd file = memory_file("assay-test", text);
  CHECK(write(file.get(), "x", 1) < 0);
  CHECK(pwrite(file.get(), "x", 1, 0) < 0);
  CHECK(ftruncate(file.get(), 0) < 0);
  CHECK(ftruncate(file.get(), 1 << 20) < 0);
  CHECK(mmap(nullptr, text.size(), PROT_READ | PROT_WRITE, MAP_SHARED, file.get(), 0) ==
        MAP_FAILED);
  void* const shared = mmap(nullptr, text.size(), PROT_READ, MAP_SHARED, file.get(), 0);
  if (shared != MAP_FAILED) CHECK(mprotect(shared, text.size(), PROT_READ | PROT_WRITE) < 0);
  CHECK(fcntl(file.get(), F_GET_SEALS) ==
        (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE));
  std::string held(text.size() + 1, 0);
  CHECK(pread(file.get(), held.data(), held.size(), 0) == static_cast<ssize_t>(text.size()));
  CHECK(held.substr(0, text.size()) == text);
}
