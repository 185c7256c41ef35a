#include "harness/endpoint/replies.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "harness/base/error.h"
#include "harness/base/text_file.h"
#include "tests/support/scratch.h"

using namespace assay;
using endpoint::Replies;
using nlohmann::json;

TEST_CASE("what was kept is found again, by the next process too") {
  tests::Scratch scratch;
  const std::string path = scratch.path("replies.jsonl");
  {
    Replies replies(path);
    CHECK_FALSE(replies.find("a"));
    replies.keep("a", {{"text", "one\n"}});
    replies.keep("a", {{"text", "another"}});  // the first stands
    replies.keep("b", {{"score", nullptr}});
    CHECK(replies.find("a") == json{{"text", "one\n"}});
    CHECK_THROWS_AS(Replies second(path), Error);  // it is in use
  }
  Replies replies(path);
  CHECK(replies.read() == 2);
  CHECK(replies.note().empty());
  CHECK(replies.find("a") == json{{"text", "one\n"}});
  CHECK(replies.find("b") == json{{"score", nullptr}});
  CHECK(replies.reused() == 2);
}

TEST_CASE("a last line that was cut off is removed, and what follows stands on a line of its own") {
  tests::Scratch scratch;
  const std::string whole = R"({"key":"a","reply":{"x":1}})";
  for (const std::size_t cut : {std::size_t{1}, std::size_t{5}, std::size_t{20}, whole.size()}) {
    const std::string path = scratch.write("replies.jsonl", whole + "\n" + whole.substr(0, cut));
    {
      Replies replies(path);
      CHECK(replies.note().find("cut off") != std::string::npos);
      CHECK(replies.read() == 1);
      replies.keep("b", {{"y", 2}});
    }
    CHECK(read_text_file(path) == whole + "\n" + R"({"key":"b","reply":{"y":2}})" + "\n");
  }
}

TEST_CASE("a file of something else is refused, and nothing of it is lost") {
  tests::Scratch scratch;
  for (const std::string text : {"my notes", "{\"task_id\": 1}\n", "{\"key\":\"a\"}\n", "[]\n"}) {
    const std::string path = scratch.write("notes", text);
    CHECK_THROWS_WITH_AS(Replies replies(path), doctest::Contains("a file of its own"), Error);
    CHECK(read_text_file(path) == text);
  }
}
