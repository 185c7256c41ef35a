// Whole answers drawn from an OpenAI-compatible server, many of each prompt and many in flight: several
// a request where the server really gives them, one by one where it does not.
//
// Answer k of a prompt is the draw of the seed `seed + k`: a request for several sends that of its first,
// as vLLM counts on from it. One thread at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "harness/endpoint/client.h"
#include "harness/endpoint/completions.h"

namespace assay::endpoint {

struct AnswerOptions {
  std::string url;                 ///< as checked_address() gives it
  Drawing drawing;                 ///< Form::completions or Form::whole_answers
  std::string system;              ///< a message in front of the prompt; empty: none
  std::vector<std::string> stops;  ///< where an answer ends; it may lack the text
  std::size_t per_request = 16;    ///< answers that a request asks for at most
};

struct WantedAnswers {
  std::string prompt;
  std::uint64_t seed = 0;              ///< of answer 0
  std::vector<std::uint32_t> numbers;  ///< of those that are wanted, ascending
};

struct Drawn {
  std::size_t prompt = 0;    ///< its place among those wanted
  std::uint32_t number = 0;  ///< of the answer
  Answer answer;
  std::string model;                    ///< as the server calls it; may be empty
  std::optional<std::uint64_t> seed;    ///< that was sent; none: the server takes none
  std::size_t choice = 0, choices = 1;  ///< which of how many that the request asked for
};

/// Answers that could not be had.
struct NotDrawn {
  std::size_t prompt = 0;
  std::int64_t answers = 0;
  std::string why;  ///< a visible line
};

class AnswerSource {
 public:
  AnswerSource(AnswerOptions options, Client& client);

  /// `take` hears of all answers of a reply at once, the moment they are there, on the client's thread.
  /// Returns when each is drawn or given up: one that its own request lacks, a prompt that is too long
  /// or filtered, a request that has failed as often as the client tries. Throws assay::Error where the
  /// server itself fails (a key, a model that it lacks, a quota; nothing answered, or nothing any more),
  /// and as Client::send does.
  using Take = std::function<void(std::span<const Drawn>)>;
  std::vector<NotDrawn> draw(const std::vector<WantedAnswers>& wanted, const Take& take);

  /// Sentences for the user: what the server cannot do.
  std::vector<std::string> notes() const;
  std::size_t choices_max() const { return choices_max_; }

 private:
  class Round;
  AnswerOptions options_;
  Client& client_;
  std::size_t choices_max_;   ///< that a request is worth asking for
  std::size_t short_by_ = 0;  ///< choices that the last reply which lacked some had
  int short_replies_ = 0;     ///< so many in a row
  bool answered_ = false;     ///< the server has given an answer
};

}  // namespace assay::endpoint
