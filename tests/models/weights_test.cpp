#include "harness/models/weights.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <set>

#include "harness/base/error.h"
#include "harness/base/safetensors.h"
#include "harness/base/text_file.h"
#include "harness/base/whole_file.h"
#include "harness/models/lessons.h"
#include "harness/models/token_policy.h"
#include "tests/models/plain_gpt.h"
#include "tests/support/data.h"
#include "tests/support/scratch.h"

using namespace assay;
using namespace assay::models;
using assay::tests::letters_model;

/// The sentence with which a file of these bytes is refused.
static std::string refusal(const std::string& path, const std::string& bytes) {
  write_whole_file(path, bytes);
  try {
    load(path);
  } catch (const Error& error) {
    const std::string what = error.what();
    CHECK(what.starts_with(path + " "));
    CHECK(what.find('\n') == what.npos);
    return what;
  }
  return "nothing";
}

TEST_CASE("a model comes back from its file to the last bit, with its pieces") {
  const tests::Scratch scratch;
  const std::string path = scratch.path("m.gpt");
  Model model = letters_model();
  model.weights.config.value = true;
  model.weights.value.assign(25, 0.5f);
  save(model.weights, *model.tokenizer, path);
  const Model again = load_own(path);
  for (const Part& part : parts_of(model.weights.config))
    CHECK(again.weights.*part.where == model.weights.*part.where);
  CHECK(again.tokenizer->pieces() == model.tokenizer->pieces());
  CHECK(again.weights.config.context == 48);
  CHECK(again.weights.config.value);
  CHECK(!again.weights.config.tied);
}

TEST_CASE("weights that are no numbers do not replace a model that is there") {
  // A base of one step at a learning rate of nan did: the loss is that of before the step.
  const tests::Scratch scratch;
  const std::string path = scratch.path("m.gpt");
  Model model = letters_model();
  save(model.weights, *model.tokenizer, path);
  const std::string before = read_file_bytes(path);
  model.weights.embedding.back() = std::numeric_limits<float>::quiet_NaN();
  CHECK_THROWS_WITH_AS(
      save(model.weights, *model.tokenizer, path),
      (path + " is not written: the model has numbers in `embedding` that are not finite; "
              "try a smaller --learning-rate")
          .c_str(),
      Error);
  CHECK(read_file_bytes(path) == before);
}

TEST_CASE("a broken model file is refused in one sentence that names it") {
  const tests::Scratch scratch;
  const std::string path = scratch.path("m.gpt");
  const Model model = letters_model();
  save(model.weights, *model.tokenizer, path);
  const std::string bytes = read_file_bytes(path);
  for (std::size_t size = 0; size < bytes.size(); size += 997)
    CHECK(refusal(path, bytes.substr(0, size)) != "nothing");
  CHECK(refusal(path, std::string(8, '\xff') + bytes).find("length of a header") !=
        std::string::npos);
  std::string flipped = bytes;
  flipped[bytes.size() / 2] ^= 1;
  CHECK(refusal(path, flipped).find("checksum") != std::string::npos);

  const auto changed = [&](const std::function<void(Tensors&)>& change) {
    Tensors all = decode_tensors(bytes);
    change(all);
    return refusal(path, encode_tensors(all));
  };
  CHECK(changed([](Tensors& all) { all.metadata["form"] = "other"; }).find("no model") !=
        std::string::npos);
  CHECK(changed([](Tensors& all) { all.tensors.erase("gate"); }).find("lacks `gate`") !=
        std::string::npos);
  CHECK(changed([](Tensors& all) {
          all.tensors["gate"].shape = {3, 24, 28};
        }).find("shape [3, 24, 28], not [3, 28, 24]") != std::string::npos);
  CHECK(changed([](Tensors& all) {
          std::vector<float> values = all.tensors["keys"].floats();
          values[5] = NAN;
          std::memcpy(all.tensors["keys"].bytes.data(), values.data(), values.size() * 4);
        }).find("`keys` that are not finite") != std::string::npos);
  const auto configured = [&](std::size_t place, std::int64_t value) {
    return changed([&](Tensors& all) {
      std::vector<std::int64_t> config = all.tensors["config"].integers();
      config[place] = value;
      all.tensors["config"] = Tensor::of(config);
    });
  };
  for (std::size_t place = 0; place < 6; ++place)
    for (const std::int64_t value :
         {std::int64_t{-1}, std::int64_t{0}, std::int64_t{5}, std::int64_t{1} << 18, INT64_MAX})
      CHECK(configured(place, value) != "nothing");
  CHECK(configured(6, 1 << 14).find("context") != std::string::npos);
  CHECK(configured(3, 5).find("heads") != std::string::npos);
  CHECK(changed([](Tensors& all) {
          all.tensors["piece_lengths"] = Tensor::of(std::vector<std::int64_t>{INT64_MAX, 2});
        }).find("piece_lengths") != std::string::npos);
  CHECK(changed([](Tensors& all) {
          all.tensors["pieces"] = Tensor::of(std::string_view("aacd\nab."));
        }).find("twice") != std::string::npos);
  CHECK_THROWS_AS(load(scratch.path("missing")), Error);
}

/// A file of llama2.c's form, small, with its tokenizer.
static std::string llama2c_file(int dim, int heads, int vocabulary, std::size_t numbers) {
  const std::int32_t header[7] = {dim, 8, 1, heads, heads, vocabulary, 4};
  std::string out(reinterpret_cast<const char*>(header), sizeof header);
  const float one = 0.25f;
  for (std::size_t i = 0; i < numbers; ++i) out.append(reinterpret_cast<const char*>(&one), 4);
  return out;
}
static std::string llama2c_tokens(int count) {
  std::string out(4, '\1');
  for (int i = 0; i < count; ++i) {
    const float score = -static_cast<float>(i);
    const std::string piece = i < 3     ? fmt::format("<{}>", i)
                              : i < 259 ? fmt::format("<0x{:02X}>", i - 3)
                                        : std::string(1, static_cast<char>('a' + i - 259));
    const auto length = static_cast<std::int32_t>(piece.size());
    out.append(reinterpret_cast<const char*>(&score), 4);
    out.append(reinterpret_cast<const char*>(&length), 4);
    out += piece;
  }
  return out;
}

TEST_CASE(
    "llama2.c's form is checked as its header says; a broken file is refused in one sentence") {
  const tests::Scratch scratch;
  const std::string path = scratch.path("m.bin"), tokens = scratch.path("t.bin");
  constexpr int kVocabulary = 262;
  // embedding, norms, four matrices of attention, three of the feed-forward part, positions
  const std::size_t plain = kVocabulary * 4 + 4 * 3 + 4 * 16 + 3 * 32 + 4 * 2;
  write_whole_file(tokens, llama2c_tokens(kVocabulary));
  const auto refused = [&](const std::string& model) -> std::string {
    write_whole_file(path, model);
    try {
      load_llama2c(path, tokens);
    } catch (const Error& error) {
      return error.what();
    }
    return "nothing";
  };
  CHECK(refused(llama2c_file(4, 2, kVocabulary, plain)) == "nothing");
  CHECK(refused(llama2c_file(4, 2, -kVocabulary, plain + kVocabulary * 4)) == "nothing");
  CHECK(refused(llama2c_file(4, 2, kVocabulary, plain - 1)).find("ends too early") !=
        std::string::npos);
  CHECK(refused(llama2c_file(4, 2, kVocabulary, plain + 1)).find("more than its header") !=
        std::string::npos);
  CHECK(refused(llama2c_file(4, 3, kVocabulary, plain)).find("heads") != std::string::npos);
  CHECK(refused(llama2c_file(4, 0, kVocabulary, plain)).find("heads") != std::string::npos);
  CHECK(refused(llama2c_file(4, 2, INT32_MIN, plain)).find("vocabulary") != std::string::npos);
  CHECK(refused(llama2c_file(INT32_MAX, 1, kVocabulary, plain)).find("dim") != std::string::npos);
  CHECK(refused(llama2c_file(8192, 1, 1 << 18, plain)).find("ends too early") != std::string::npos);
  CHECK(refused("").find("too short") != std::string::npos);
  std::string nan = llama2c_file(4, 2, kVocabulary, plain);
  std::memset(nan.data() + 40, 0xff, 4);
  CHECK(refused(nan).find("not finite") != std::string::npos);
  const std::string good = llama2c_file(4, 2, kVocabulary, plain);
  for (const std::string& bad :
       {std::string(), llama2c_tokens(kVocabulary - 1), llama2c_tokens(kVocabulary + 1)}) {
    write_whole_file(tokens, bad);
    CHECK(refused(good).starts_with(tokens));
  }
}

/// What a model tells behind a prompt, taking the likeliest token each time.
static std::string told(const Model& model, const std::string& prompt) {
  TokenPolicy policy(std::make_shared<Gpt>(model), {"", 1, 600}, {});
  search::Problem problem;
  problem.task_id = problem.prompt = prompt;
  search::Prefix at = policy.open(problem);
  while (at->finish == search::Finish::open) {
    search::Ask ask{at, RandomStream(1, ""), true};
    at = policy.extend({&ask, 1})[0];
  }
  return search::text_of(at);
}

TEST_CASE(
    "a model of llama2.c's is kept in a file of ours with its tokenizer, and tells the same") {
  const tests::Scratch scratch;
  const std::string file = scratch.path("m.bin"), tokens = scratch.path("t.bin"),
                    ours = scratch.path("m.gpt");
  std::set<std::string> texts;
  for (const std::uint64_t seed : {1, 2, 3}) {
    tests::write_llama2c(file, tokens, seed);
    const Model model = load_own("llama2c:" + file + "," + tokens);
    save(model.weights, *model.tokenizer, ours);
    const Model again = load(ours);
    for (const Part& part : parts_of(model.weights.config))
      CHECK(again.weights.*part.where == model.weights.*part.where);
    for (const std::string prompt : {"", "ab", " ca", "x\xff.\n"}) {
      CHECK(*again.tokenizer->encode(prompt) == *model.tokenizer->encode(prompt));
      CHECK(told(again, prompt) == told(model, prompt));
      texts.insert(told(model, prompt));
    }
    CHECK(again.tokenizer->end() == 1);
  }
  CHECK(texts.size() > 3);

  const std::string bytes = read_file_bytes(ours);
  const auto scored = [&](const std::vector<float>& scores) {
    Tensors all = decode_tensors(bytes);
    all.tensors["piece_scores"] = Tensor::of(scores);
    return refusal(ours, encode_tensors(all));
  };
  CHECK(scored(std::vector<float>(268, NAN)).find("no number") != std::string::npos);
  CHECK(scored({1, 2}).find("268 pieces and 2 scores") != std::string::npos);
  CHECK_THROWS_WITH_AS(load_own("llama2c:" + file),
                       ("llama2c:" + file + ": write llama2c:MODEL.bin,TOKENIZER.bin").c_str(),
                       Error);
}

TEST_CASE("the story model is kept in a file of ours, and tells the same") {
  const std::string file = tests::data_file("models/stories260K.bin"),
                    tokens = tests::data_file("models/tok512.bin");
  ASSAY_NEEDS_DATA(file);
  const tests::Scratch scratch;
  const Model model = load_llama2c(file, tokens);
  save(model.weights, *model.tokenizer, scratch.path("m.gpt"));
  const Model again = load(scratch.path("m.gpt"));
  const std::string opening = "One day, a girl named Lily went to the park.";
  const std::string story = told(model, opening);
  CHECK(story.size() > 200);
  CHECK(told(again, opening) == story);
  // The rest of a text is cut as if it had been cut with what is before it.
  const auto whole = model.tokenizer->encode(opening + story);
  auto parts = model.tokenizer->encode(opening);
  const auto rest = tokens_behind(*again.tokenizer, opening, story);
  parts->insert(parts->end(), rest->begin(), rest->end());
  CHECK(*parts == *whole);
}

TEST_CASE("texts are cut by the longest piece, and pair by pair as llama2.c does") {
  const PieceTokenizer pieces = PieceTokenizer::of({"a", "ab", "abc", "c", "d"});
  CHECK(*pieces.encode("abcabad") == std::vector<std::int32_t>{2, 1, 0, 4});
  CHECK(!pieces.encode("abx"));
  CHECK(pieces.encode("")->empty());
  CHECK(pieces.size() == 7);
  CHECK(pieces.text(2, 0) == "abc");
  CHECK(pieces.text(pieces.end(), 0).empty());
  const PieceTokenizer bytes = PieceTokenizer::of({});
  CHECK(bytes.size() == 258);
  CHECK(*bytes.encode("\xff\n") == std::vector<std::int32_t>{255, 10});

  const PairTokenizer pairs(llama2c_tokens(262), 262);  // letters a, b, c, no pairs, no space
  CHECK(*pairs.encode("ab?") == std::vector<std::int32_t>{259, 260, 3 + '?'});
  CHECK(pairs.text(3 + '?', 259) == "?");

  // A space stands before a text, and none before what goes on behind another.
  const tests::Scratch scratch;
  const std::string file = scratch.path("m.bin"), tokens = scratch.path("t.bin");
  tests::write_llama2c(file, tokens);
  const Model model = load_llama2c(file, tokens);
  const std::int32_t a = 260, dot = 263, ab = 264, space_ab = 266;
  CHECK(*model.tokenizer->encode("ab.") == std::vector<std::int32_t>{space_ab, dot});
  CHECK(*model.tokenizer->encode_rest("ab.") == std::vector<std::int32_t>{ab, dot});
  CHECK(*tokens_behind(*model.tokenizer, "", "ab") == std::vector<std::int32_t>{space_ab});
  CHECK(*tokens_behind(*model.tokenizer, ".", "aab") == std::vector<std::int32_t>{a, ab});
  CHECK(lesson_of(model, "ab", " ab.").tokens ==
        std::vector<std::int32_t>{1, space_ab, space_ab, dot});
  CHECK(lesson_of(model, "ab", " ab.").targets == std::vector<std::int32_t>{-1, space_ab, dot, 1});
}
