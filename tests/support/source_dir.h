// Where the repository lies, for tests that read its files.
#pragma once

#include <string>

const std::string& source_dir();
