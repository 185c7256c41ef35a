// Which names the value codec lets cross. Plain C: the codec inside the interpreter
// (sandbox/runtime/python/codec.c) and the one outside (value.cpp) refuse the same ones, so that a
// text from inside a jail is never more than a name: no spaces, quotes, brackets or line ends.
#ifndef ASSAY_VALUE_NAMES_H
#define ASSAY_VALUE_NAMES_H

#include <stddef.h>

enum { kTypeNameBytesMax = 255 };

static inline int is_identifier_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/// A character of "module.Outer.<locals>.Type"; '?' stands for any that is not ASCII.
static inline int is_type_name_char(char c) {
  return is_identifier_char(c) || c == '.' || c == '<' || c == '>' || c == '?';
}

/// The name of a type, as opaque values carry it.
static inline int is_type_name(const char* name, size_t size) {
  if (size == 0 || size > kTypeNameBytesMax) return 0;
  for (size_t i = 0; i < size; ++i) {
    if (!is_type_name_char(name[i])) return 0;
  }
  return 1;
}

/// The name of an Enum's member; those of flags are joined by '|'.
static inline int is_enum_member_name(const char* name, size_t size) {
  if (size == 0 || size > kTypeNameBytesMax) return 0;
  for (size_t i = 0; i < size; ++i) {
    if (!is_identifier_char(name[i]) && name[i] != '|') return 0;
  }
  return 1;
}

/// The name of a builtin type or function, or of a field.
static inline int is_builtin_name(const char* name, size_t size) {
  if (size == 0 || size > kTypeNameBytesMax || (name[0] >= '0' && name[0] <= '9')) return 0;
  for (size_t i = 0; i < size; ++i) {
    if (!is_identifier_char(name[i])) return 0;
  }
  return 1;
}

#endif
