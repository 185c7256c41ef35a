#include "harness/store/searches.h"

#include "harness/store/statements.h"

namespace assay::store {

std::int64_t put_search(Database& database, const SearchRow& row) {
  database.use(sql::kPutSearch)
      .bind(row.identity)
      .bind(row.task)
      .bind(row.policy)
      .bind(row.verifier)
      .bind(row.options)
      .run();
  Statement found = database.use(sql::kFindSearch);
  if (!found.bind(row.identity).step()) refuse_damaged(database, "a search is not found again");
  return found.integer("id");
}

std::vector<StoredSearch> stored_searches(Database& database) {
  std::vector<StoredSearch> out;
  Statement rows = database.use(sql::kSearches);
  while (rows.step()) {
    out.push_back({rows.integer("id"),
                   {rows.text("identity"), rows.text("task"), rows.text("policy"),
                    rows.text("verifier"), rows.text("options")},
                   rows.text("began")});
  }
  return out;
}

void put_search_answer(Database& database, std::int64_t search_id, const SearchAnswer& answer) {
  Statement insert = database.use(sql::kPutSearchAnswer);
  insert.bind(search_id).bind(answer.task_id).bind(answer.strategy).bind(answer.n);
  insert.bind(answer.replicate);
  if (answer.answer)
    insert.bind(*answer.answer);
  else
    insert.bind_null();
  insert.bind(answer.truth).bind(answer.spent);
  if (answer.accepted)
    insert.bind(*answer.accepted);
  else
    insert.bind_null();
  insert.bind(answer.generations).bind(answer.tokens).bind(answer.tokens_read).bind(answer.calls);
  if (answer.log_z)
    insert.bind(*answer.log_z);
  else
    insert.bind_null();
  insert.bind(answer.trace).run();
}

std::vector<SearchAnswer> search_answers(Database& database, std::int64_t search_id) {
  std::vector<SearchAnswer> out;
  Statement rows = database.use(sql::kSearchAnswers);
  rows.bind(search_id);
  while (rows.step()) {
    SearchAnswer one;
    one.task_id = rows.text("task_id");
    one.strategy = rows.text("strategy");
    one.n = rows.integer("n");
    one.replicate = rows.integer("replicate");
    if (!rows.is_null("answer")) one.answer = rows.text("answer");
    one.truth = rows.real("truth");
    one.spent = rows.integer("spent") != 0;
    if (!rows.is_null("accepted")) one.accepted = rows.integer("accepted") != 0;
    one.generations = rows.integer("generations");
    one.tokens = rows.integer("tokens");
    one.tokens_read = rows.integer("tokens_read");
    one.calls = rows.integer("calls");
    if (!rows.is_null("log_z")) one.log_z = rows.real("log_z");
    one.trace = rows.text("trace");
    out.push_back(std::move(one));
  }
  return out;
}

void put_search_sample(Database& database, std::int64_t search_id, const SearchSample& sample) {
  database.use(sql::kPutSearchSample)
      .bind(search_id)
      .bind(sample.task_id)
      .bind(sample.number)
      .bind(sample.truth)
      .bind(sample.scores)
      .run();
}

std::vector<SearchSample> search_samples(Database& database, std::int64_t search_id) {
  std::vector<SearchSample> out;
  Statement rows = database.use(sql::kSearchSamples);
  rows.bind(search_id);
  while (rows.step())
    out.push_back(
        {rows.text("task_id"), rows.integer("number"), rows.real("truth"), rows.text("scores")});
  return out;
}

}  // namespace assay::store
