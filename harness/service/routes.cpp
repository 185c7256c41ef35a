#include "harness/service/routes.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "harness/base/value/json_value.h"
#include "harness/service/fusion.h"

namespace assay::service {

using datasets::Row;
using nlohmann::json;

namespace {

constexpr std::array kPosted = {"/judge", "/run_code", "/submit"};
constexpr std::array kGot = {"/metrics", "/healthz", "/verifier"};
constexpr int kRetryAfterS = 1;

bool is_one_of(const auto& paths, const std::string& path) {
  return std::find(paths.begin(), paths.end(), path) != paths.end();
}

const datasets::Place kRequest{"the request"};

/// Asks of one request, answered in their order once all are there.
class Batch {
 public:
  Batch(std::size_t size, bool is_list, std::shared_ptr<Reply> reply)
      : answers_(size), is_list_(is_list), left_(size), reply_(std::move(reply)) {}

  void put(std::size_t at, json record) {
    json all;
    {
      const std::lock_guard lock(mutex_);
      answers_[at] = std::move(record);
      if (--left_ > 0) return;
      all = is_list_ ? json(std::move(answers_)) : std::move(answers_.front());
    }
    reply_->answer({200, line_of(all)});
  }

 private:
  std::mutex mutex_;
  std::vector<json> answers_;
  const bool is_list_;
  std::size_t left_;
  const std::shared_ptr<Reply> reply_;
};

std::vector<Row> rows_of(const std::string& body, bool& is_list) {
  Value value = parse_json(body);
  is_list = value.kind == Kind::list;
  std::vector<Row> rows;
  if (!is_list) {
    rows.push_back({std::move(value), kRequest});
  } else {
    for (Value& item : value.items) rows.push_back({std::move(item), kRequest});
  }
  for (const Row& row : rows)
    if (!is_list && row.object.kind != Kind::dict)
      row.refuse("a JSON object, or a list of them, is expected");
  return rows;
}

json error_record(const Row& row, const std::string& why) {
  json record = {{"error", why}};
  if (const json id = id_in(row); !id.is_null()) record["id"] = id;
  return record;
}

}  // namespace

json record_with_errors(const Answer& answer, const Asked& asked, const KnownErrors& errors) {
  json record = record_of(answer);
  if (!asked.id.is_null()) record["id"] = asked.id;
  const Question& question = asked.question;
  if (!errors.any() || !question.target || question.target->dataset.empty()) return record;
  if (answer.reward() == 1) {
    const std::int64_t wrong = errors.wrong_passes(*question.target, question.suites);
    if (wrong > 0) record["weak"] = true, record["wrong_passes_known"] = wrong;
  }
  if (asked.with_error) record["verifier"] = errors.of(*question.target, question.suites);
  return record;
}

void Routes::observe(const std::string& path, int status) {
  const bool ours = is_one_of(kPosted, path) || is_one_of(kGot, path);
  metrics_.count(ours ? path : "other", status);
}

void Routes::handle(HttpRequest request, const std::shared_ptr<Reply>& reply) {
  const bool posted = is_one_of(kPosted, request.path), got = is_one_of(kGot, request.path);
  if (!posted && !got) return reply->answer(refusal(404, "there is nothing here"));
  if (request.method != (posted ? "POST" : "GET"))
    return reply->answer(
        refusal(405, fmt::format("{} is asked by {}", request.path, posted ? "POST" : "GET")));
  if (got) return reply->answer(get(request.path));
  if (stopping_) return reply->answer(refusal(503, "the service is stopping", kRetryAfterS));
  try {
    if (request.path == "/judge") return judge(request.body, reply);
    if (request.path == "/run_code") return run_code(request.body, reply);
    submit(request.body, reply);
  } catch (const datasets::RowError& error) {
    reply->answer(refusal(400, error.what_is_wrong));
  } catch (const Error& error) {
    reply->answer(refusal(400, error.what()));
  }
}

void Routes::judge(const std::string& body, const std::shared_ptr<Reply>& reply) {
  bool is_list = false;
  const std::vector<Row> rows = rows_of(body, is_list);
  if (rows.empty()) return reply->answer({200, "[]"});
  std::vector<std::shared_ptr<Asked>> asked(rows.size());
  auto batch = std::make_shared<Batch>(rows.size(), is_list, reply);
  std::vector<std::pair<std::size_t, std::string>> bad;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    try {
      if (rows[i].object.kind != Kind::dict) rows[i].refuse("this is not a JSON object");
      asked[i] = std::make_shared<Asked>(read_question(rows[i], catalog_, defaults_));
    } catch (const datasets::RowError& error) {
      if (!is_list) throw;
      bad.emplace_back(i, error.what_is_wrong);
    }
  }
  if (rows.size() - bad.size() > desk_.room())
    return reply->answer(refusal(
        429, "the queue has no room for so many questions now; ask again, or for fewer at a time",
        kRetryAfterS));
  const auto tickets = std::make_shared<std::vector<Desk::Ticket>>();
  reply->when_gone([this, tickets] {
    for (const Desk::Ticket ticket : *tickets) desk_.cancel(ticket);
  });
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (!asked[i]) continue;
    Desk::Ticket ticket = 0;
    Question question = asked[i]->question;
    const bool taken = desk_.submit(
        std::move(question),
        [this, batch, i, one = asked[i]](const std::shared_ptr<const Answer>& answer,
                                         Source source) {
          json record = record_with_errors(*answer, *one, errors_);
          if (source != Source::judged) record["cached"] = true;
          batch->put(i, std::move(record));
        },
        &ticket);
    if (taken)
      tickets->push_back(ticket);
    else  // it stops just now
      batch->put(i, {{"status", "cancelled"}, {"reward", nullptr}});
  }
  for (const auto& [at, why] : bad) batch->put(at, error_record(rows[at], why));
}

void Routes::ask_alone(Question question, const std::shared_ptr<Reply>& reply,
                       std::function<HttpResponse(const Answer&)> tell) {
  const auto ticket = std::make_shared<Desk::Ticket>(0);
  reply->when_gone([this, ticket] { desk_.cancel(*ticket); });
  const bool taken = desk_.submit(
      std::move(question),
      [reply, tell = std::move(tell)](const std::shared_ptr<const Answer>& answer, Source) {
        reply->answer(tell(*answer));
      },
      ticket.get());
  // verl's client asks again after 504 alone, and takes every other code for a failed test.
  if (!taken) reply->answer(refusal(504, "the queue is full; ask again", kRetryAfterS));
}

void Routes::run_code(const std::string& body, const std::shared_ptr<Reply>& reply) {
  FusionRun run = read_run_code(datasets::read_row(body, kRequest), defaults_.limits);
  if (!run.refused.empty()) return reply->answer({200, line_of(run_code_refusal(run.refused))});
  const std::string language = run.question.script.language;
  ask_alone(std::move(run.question), reply, [language](const Answer& answer) {
    return HttpResponse{200, line_of(run_code_answer(answer, language))};
  });
}

void Routes::submit(const std::string& body, const std::shared_ptr<Reply>& reply) {
  FusionSubmission submission =
      read_submit(datasets::read_row(body, kRequest), catalog_, defaults_);
  ask_alone(std::move(submission.question), reply, [id = submission.id](const Answer& answer) {
    if (answer.reward()) return HttpResponse{200, line_of(submit_answer(id, answer))};
    const SuiteAnswer* suite = answer.decisive();
    return refusal(
        503,
        fmt::format("it could not be judged: {}", suite ? suite->verdict.message : answer.status()),
        kRetryAfterS);
  });
}

HttpResponse Routes::health() const {
  const Figures figures = desk_.figures();
  const bool ready = !stopping_ && figures.workers_up > 0;
  const json record = {{"status", stopping_ ? "stopping"
                                  : ready   ? "ready"
                                            : "no jail runs programs"},
                       {"workers", figures.workers},
                       {"workers_up", figures.workers_up},
                       {"version", ASSAY_VERSION}};
  return {ready ? 200 : 503, line_of(record), "application/json", ready ? 0 : kRetryAfterS};
}

HttpResponse Routes::get(const std::string& path) const {
  if (path == "/healthz") return health();
  if (path == "/verifier") return {200, line_of({{"verifiers", errors_.all()}})};
  const HttpServer* server = server_;
  return {200, metrics_.text(desk_.figures(), server ? server->connections() : 0),
          "text/plain; version=0.0.4; charset=utf-8"};
}

}  // namespace assay::service
