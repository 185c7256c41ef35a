// Serves the report of a run while it goes on, on 127.0.0.1 only. Pages are made when somebody
// looks, not more often than the machine can spare: making one may take a tenth of the time at
// most.
//
// GET /            the newest page
// GET /next?seen=N the first page newer than the N-th, as soon as there is one; 204 after a while
// What a client may cost: local_server.h. Nothing that a client does, and no page that fails, holds or
// ends the run.
//
// Errors: assay::Error where the port is not to be had. A page that cannot be made is left out, and
// made again later. Thread safety: one thread makes and ends a Watch; `make` and `version` are
// called on a thread of its own.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace assay::cli {

struct WatchedPages {
  /// The page as it is now; `number` counts pages from 1, `is_last`: nothing will follow.
  std::function<std::string(int number, bool is_last)> make;
  /// Changes when there may be something new to show.
  std::function<std::int64_t()> version;
};

class Watch {
 public:
  /// `port` 0: any that is free.
  Watch(int port, WatchedPages pages);
  /// Shows the last page to whoever looks, for some seconds at most, then stops.
  ~Watch();
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

  int port() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace assay::cli
