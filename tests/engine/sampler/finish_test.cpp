#include "engine/sampler/finish.h"

#include <doctest/doctest.h>

using namespace seedling;

TEST_CASE("finish: an unfinished character at the end is dropped, a finished one stays") {
  const std::string euro = "\xE2\x82\xAC", astral = "\xF0\x9F\x8C\xB1";
  CHECK(complete_utf8("") == "");
  CHECK(complete_utf8("abc") == "abc");
  CHECK(complete_utf8("a" + euro) == "a" + euro);
  CHECK(complete_utf8("a" + euro.substr(0, 2)) == "a");
  CHECK(complete_utf8("a" + euro.substr(0, 1)) == "a");
  CHECK(complete_utf8("a" + astral) == "a" + astral);
  for (const int kept : {1, 2, 3}) CHECK(complete_utf8("a" + astral.substr(0, kept)) == "a");
  CHECK(complete_utf8("\x80\x80") == "\x80\x80");  // nothing begins here, so nothing is unfinished
}

TEST_CASE("finish: UTF-8 is recognised") {
  for (const char* good : {"", "abc", "\xC3\xA9", "\xE2\x82\xAC", "\xF0\x9F\x8C\xB1"})
    CHECK(is_valid_utf8(good));
  for (const char* bad : {"\x80", "\xC0\x80", "\xC3", "\xE2\x82", "\xED\xA0\x80", "\xE0\x80\x80",
                          "\xF4\x90\x80\x80", "\xFF", "\xF0\x8F\x80\x80"}) {
    CHECK(!is_valid_utf8(bad));
  }
}

TEST_CASE("finish: partial words come off") {
  struct Row {
    const char *text, *left, *right, *expected;
  };
  for (const Row& row : {
           Row{"return x", "ret", "", "urn x"},
           Row{"foo(bar", "", "bar", "foo("},
           Row{"prefix", "pre", "fix", ""},
           Row{"value", "val", "ue", ""},
           Row{"abc", "", "", "abc"},
           Row{"other", "ret", "", ""},       // does not begin with the piece: nothing is known of the hole
           Row{"foo(b", "", "bar", "foo(b"},  // was cut off before the piece: its end stays
           Row{"aa", "a", "aa", "a"},         // the pieces do not overlap
           Row{"", "x", "y", ""},
       }) {
    CAPTURE(row.text);
    CHECK(strip_partial_words(row.text, {row.left, row.right}) == row.expected);
  }
}

TEST_CASE("finish: the first lines, without the last newline") {
  CHECK(first_lines("a\nb\nc", 2) == "a\nb");
  CHECK(first_lines("a\nb\nc", 3) == "a\nb\nc");
  CHECK(first_lines("a\nb\n", 2) == "a\nb");
  CHECK(first_lines("a\nb", 1) == "a");
  CHECK(first_lines("\na", 1) == "");
  CHECK(first_lines("a\nb", 0) == "a\nb");
  CHECK(first_lines("", 1) == "");
}

TEST_CASE("finish: a line three times in a row is a loop") {
  constexpr std::size_t kNone = std::string_view::npos;
  CHECK(repetition_start("a\na\na\n") == 2);
  CHECK(repetition_start("x\na\na\na\nb") == 4);
  CHECK(repetition_start("a\na\nb\na\n") == kNone);
  CHECK(repetition_start("a\na\na") == kNone);  // the third is not complete
  CHECK(repetition_start("  a\na\n  a\n") == kNone);
  CHECK(repetition_start("\n\n\n") == 1);
  CHECK(repetition_start("if a:\n b\nif a:\n b\nif a:\n b\n") == 9);
  CHECK(repetition_start("x\nif a:\n b\nif a:\n b\nif a:\n b\n") == 11);
  CHECK(repetition_start("if a:\n b\nif a:\n c\nif a:\n b\n") == kNone);
  CHECK(repetition_start("a\nb\nc\nd\ne\na\nb\nc\nd\ne\na\nb\nc\nd\ne\n") == kNone);  // a longer group
  CHECK(repetition_start("") == kNone);
}

TEST_CASE("finish: a piece of a line that comes back again and again is a loop") {
  constexpr std::size_t kNone = std::string_view::npos;
  CHECK(repetition_start(
            "x = argument.chdir(argument.chdir(argument.chdir(argument.chdir(argument.chdir(argument") == 4);
  CHECK(repetition_start("add" + std::string(20, 'd')) == 1);
  CHECK(repetition_start("f(a, a, a, a, a, a, a, a)") == kNone);  // it came to an end
  CHECK(repetition_start("f(sep, sep, sep, sep, sep, sep,") == 2);
  CHECK(repetition_start("====================") == kNone);
  CHECK(repetition_start("[0, 0, 0, 0, 0, 0, 0, 0, 0") == kNone);
  CHECK(repetition_start("                    ") == kNone);
  CHECK(repetition_start("hahahaha") == kNone);
  std::string zeros = "[";
  for (int i = 0; i < 13; ++i) zeros += "0, ";
  CHECK(repetition_start(zeros) == 1);
  CHECK(repetition_start("x = 1000000000000000") == kNone);
}
