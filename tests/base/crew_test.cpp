#include "harness/base/crew.h"

#include <doctest/doctest.h>

#include <stdexcept>
#include <string>

using assay::Crew;

TEST_CASE("a crew: the first exception cancels the others and comes out of join, once all ended") {
  // An exception on a worker thread ended the whole program: std::terminate, exit 134.
  std::atomic<bool> cancelled = false;
  std::atomic<int> cancels = 0, ended = 0;
  Crew crew([&] { ++cancels, cancelled = true; });
  for (int i = 0; i < 3; ++i) {
    crew.start([&] {
      while (!cancelled) std::this_thread::yield();
      ++ended;
      throw std::runtime_error("too late to be told");
    });
  }
  crew.start([] { throw std::runtime_error("first"); });
  std::string told;
  try {
    crew.join();
  } catch (const std::runtime_error& error) {
    told = error.what();
  }
  CHECK(told == "first");
  CHECK(ended == 3);
  CHECK(cancels == 1);
  CHECK(crew.failed());
  CHECK_NOTHROW(crew.join());  // told once
}

TEST_CASE("a crew: what the leader throws cancels it too") {
  std::atomic<bool> cancelled = false;
  Crew crew([&] { cancelled = true; });
  crew.start([&] {
    while (!cancelled) std::this_thread::yield();
  });
  crew.lead([] { throw std::logic_error("no way"); });
  CHECK_THROWS_AS(crew.join(), std::logic_error);
}

TEST_CASE("a crew that is given up is cancelled and joined") {
  std::atomic<bool> cancelled = false, ended = false;
  {
    Crew crew([&] { cancelled = true; });
    crew.start([&] {
      while (!cancelled) std::this_thread::yield();
      ended = true;
    });
  }
  CHECK(ended);
}

TEST_CASE("a crew without trouble is not cancelled") {
  int cancels = 0;
  std::atomic<int> sum = 0;
  Crew crew([&] { ++cancels; });
  for (int i = 1; i <= 4; ++i) crew.start([&sum, i] { sum += i; });
  crew.join();
  CHECK(sum == 10);
  CHECK(cancels == 0);
}
