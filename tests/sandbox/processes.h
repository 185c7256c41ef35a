// What /proc says about the processes of a jail.
#pragma once

#include <sys/types.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace assay::sandbox {

inline std::vector<pid_t> children_of(pid_t parent) {
  std::vector<pid_t> pids;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const std::string name = entry.path().filename();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    std::ifstream file(entry.path() / "stat");
    std::string text((std::istreambuf_iterator<char>(file)), {});
    const std::size_t at = text.rfind(") ");
    if (at == std::string::npos) continue;
    if (std::atoi(text.c_str() + at + 4) == parent) pids.push_back(std::atoi(name.c_str()));
  }
  return pids;
}

/// Whether it still runs. A container whose first process reaps nobody keeps the dead as zombies.
inline bool runs(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  const std::string text((std::istreambuf_iterator<char>(file)), {});
  const std::size_t at = text.rfind(") ");
  return at != std::string::npos && text[at + 2] != 'Z' && text[at + 2] != 'X';
}

/// Where each open descriptor of a process leads; empty where /proc does not say (as for another
/// user's process).
inline std::vector<std::string> descriptors_of(pid_t pid) {
  std::vector<std::string> targets;
  std::error_code error;
  const std::filesystem::path folder = "/proc/" + std::to_string(pid) + "/fd";
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    targets.push_back(std::filesystem::read_symlink(entry.path(), error));
  }
  return targets;
}

}  // namespace assay::sandbox
