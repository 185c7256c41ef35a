#include "harness/store/generation.h"

#include "harness/store/statements.h"

namespace assay::store {

template <typename T>
static void bind_or_null(Statement& statement, const std::optional<T>& value) {
  if (value)
    statement.bind(*value);
  else
    statement.bind_null();
}

void put_generation(Database& database, std::int64_t sample_id, const datasets::Drawn& drawn) {
  Statement insert = database.use(sql::kPutGeneration);
  insert.bind(sample_id).bind(drawn.finish_reason);
  bind_or_null(insert, drawn.temperature);
  bind_or_null(insert, drawn.top_p);
  bind_or_null(insert, drawn.seed);
  insert.bind(drawn.prompt_template).run();
}

void put_template(Database& database, const std::string& hash, const std::string& text,
                  const std::string& system) {
  database.use(sql::kPutTemplate).bind(hash).bind(text).bind(system).run();
}

}  // namespace assay::store
