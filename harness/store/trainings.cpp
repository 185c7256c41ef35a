#include "harness/store/trainings.h"

#include "harness/store/statements.h"

namespace assay::store {

namespace {

void bind(Statement& statement, const std::optional<std::int64_t>& value) {
  if (value)
    statement.bind(*value);
  else
    statement.bind_null();
}

std::optional<std::int64_t> integer(const Statement& row, const char* column) {
  return row.is_null(column) ? std::nullopt : std::optional(row.integer(column));
}

std::vector<TrainingAnswer> answers_of(Database& database, std::int64_t training_id) {
  std::vector<TrainingAnswer> out;
  Statement rows = database.use(sql::kTrainingAnswers);
  rows.bind(training_id);
  while (rows.step())
    out.push_back({rows.text("who"), rows.text("task"), rows.text("task_id"),
                   rows.integer("difficulty"), rows.integer("answers"), rows.integer("tokens"),
                   rows.integer("right"), rows.integer("right_chain"), integer(rows, "accepted"),
                   integer(rows, "accepted_wrong")});
  return out;
}

}  // namespace

void put_training(Database& database, const Training& training) {
  database.use(sql::kForgetTraining).bind(training.identity).run();
  database.use(sql::kPutTraining)
      .bind(training.identity)
      .bind(training.method)
      .bind(training.task)
      .bind(training.seed)
      .bind(training.options)
      .bind(training.record)
      .run();
  const std::int64_t id = database.last_id();
  for (const TrainingAnswer& one : training.answers) {
    Statement insert = database.use(sql::kPutTrainingAnswer);
    insert.bind(id).bind(one.who).bind(one.task).bind(one.task_id).bind(one.difficulty);
    insert.bind(one.answers).bind(one.tokens).bind(one.right).bind(one.right_chain);
    bind(insert, one.accepted);
    bind(insert, one.accepted_wrong);
    insert.run();
  }
}

std::vector<Training> trainings(Database& database) {
  std::vector<Training> out;
  Statement rows = database.use(sql::kTrainings);
  while (rows.step())
    out.push_back({rows.text("identity"), rows.text("method"), rows.text("task"),
                   rows.integer("seed"), rows.text("options"), rows.text("record"),
                   answers_of(database, rows.integer("id"))});
  return out;
}

}  // namespace assay::store
