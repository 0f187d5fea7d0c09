// The commands of the built binary on real files, with a tiny model of random weights.
#include <nlohmann/json.hpp>

#include "tests/cli/program.h"

using namespace seedling::test;
using nlohmann::json;

namespace {

constexpr const char* kProgram =
    "def total(prices, rate):\n"
    "    result = 0\n"
    "    for price in prices:\n"
    "        result += price * (1 + rate)\n"
    "    return result\n";

}  // namespace

TEST_CASE("cli complete: the same request gives the same text, step by step or not") {
  const ProgramTest test;
  const std::string place = test.file("a.py", kProgram) + ":3:18 --max-tokens 12";
  const Ran first = test.run_with_model("complete " + place);
  CHECK(first.code == 0);
  CHECK(test.run_with_model("complete " + place).out == first.out);

  for (const std::string mode : {"diffusion", "causal", "hybrid"}) {
    const Ran steps = test.run_with_model("complete --show-steps --mode " + mode + " " + place);
    INFO(steps.out, steps.err);
    CHECK(steps.code == 0);
    CHECK(steps.out.starts_with("step   1  block  1 "));
    CHECK((steps.out.find("░") != std::string::npos) == (mode == "diffusion"));
    CHECK(steps.out.find('\033') == std::string::npos);
    const Ran colored =
        test.run_with_model("complete --show-steps --color always --mode " + mode + " " + place);
    CHECK(colored.out.find("\033[1;38;5;") != std::string::npos);
  }
}

TEST_CASE("cli complete: JSON for one and for several") {
  const ProgramTest test;
  // A language without a grammar takes any text.
  const std::string place = test.file("notes.unknown", "alpha beta\n\n") + ":2:1 --max-tokens 6 --json";
  const Ran one = test.run_with_model("complete " + place);
  CHECK(one.code == 0);
  const json object = json::parse(one.out);
  const bool is_completion = object.is_null() || object.contains("reused_tokens");
  CHECK(is_completion);
  const Ran several = test.run_with_model("complete --candidates 3 " + place);
  const json list = json::parse(several.out);
  REQUIRE(list.is_array());
  CHECK(list.size() <= 3);
  for (const json& item : list) {
    for (const char* key : {"text", "replaces", "confidence", "tokens", "steps", "blocks", "context_tokens",
                            "reused_tokens", "prefill_ms", "denoise_ms", "ms"}) {
      CHECK_MESSAGE(item.contains(key), key);
    }
    CHECK(item["replaces"]["begin"] == 11);
  }
}

TEST_CASE("cli check: clean, broken, undeclared and unknown") {
  const ProgramTest test;
  const Ran clean = test.run("check " + test.file("a.py", kProgram));
  CHECK(clean.code == 0);
  CHECK(clean.out.empty());
  const Ran broken = test.run("check a.py " + test.file("b.py", "x = 1\nif x ==\n    pass\n"));
  CHECK(broken.code == 1);
  CHECK(broken.out.find("b.py:2:") != std::string::npos);
  CHECK(broken.out.find("a.py") == std::string::npos);
  const Ran undeclared = test.run("check " + test.file("c.py", "def f(price):\n    return prise\n"));
  CHECK(undeclared.code == 1);
  CHECK(undeclared.out.find("c.py:2:12: ") != std::string::npos);
  const Ran unknown = test.run("check " + test.file("d.unknown", "((("));
  CHECK(unknown.code == 0);
  CHECK(unknown.err.find("d.unknown was not checked") != std::string::npos);
}

TEST_CASE("cli check: names of the files around count, and mistyped ones are found") {
  const ProgramTest test;
  test.file("names.h", "int known(int);\n");
  const std::string use = "int f(int a) { return known(a) + wrong; }\n";
  const Ran followed = test.run("check " + test.file("a.c", "#include \"names.h\"\n" + use));
  CHECK(followed.code == 1);
  CHECK(followed.out.find("a.c:2:34: 'wrong' is not declared\n") != std::string::npos);
  CHECK(test.run("check " + test.file("b.c", "#include <stdio.h>\n" + use)).code == 0);
  const Ran measured =
      test.run("check --misspell 1 " + test.file("c.py", "def f(price):\n    return price\n"));
  CHECK(measured.code == 0);
  CHECK(measured.out.find(
            "other files read:     1 of 1 functions are closed; 1 of 1 misspelt names are reported") !=
        std::string::npos);
  check_refused(test.run("check --misspell 0 " + test / "c.py"), "--misspell");
}

TEST_CASE("cli refactor: lists without a model, prints a diff, writes with --apply") {
  const ProgramTest test;
  const std::string file = test.file("a.py", kProgram);
  const std::string place = file + ":4:19-4:37";
  const Ran list = test.run("refactor " + place + " --list --model /nowhere");
  CHECK(list.code == 0);
  CHECK(list.out == "extract-variable\tExtract variable\t4:19-4:37\n");
  check_refused(test.run("refactor " + place), "--list or --action");
  check_refused(test.run_with_model("refactor " + place + " --action fly"), "extract-variable");
  check_refused(test.run_with_model("refactor " + file + ":1:1 --action extract-variable"), "no expression");

  const Ran diff = test.run_with_model("refactor " + place + " --action extract-variable");
  INFO(diff.out, diff.err);
  CHECK(diff.code == 0);
  CHECK(diff.out.find(" = price * (1 + rate)\n+        result += ") != std::string::npos);
  CHECK(read_text(file) == kProgram);

  std::filesystem::permissions(file, std::filesystem::perms(0755));
  const Ran applied = test.run_with_model("refactor " + place + " --action extract-variable --apply");
  CHECK(applied.out == diff.out);
  CHECK(read_text(file) != kProgram);
  CHECK(std::filesystem::status(file).permissions() == std::filesystem::perms(0755));
  CHECK(test.run("check " + file).code == 0);
}

TEST_CASE("cli fix: a misspelt name, whoever reports it") {
  const ProgramTest test;
  const std::string text = "def f(price):\n    return prise * 2\n";
  const std::string file = test.file("a.py", text);
  test.file("d.json", R"([{"line":2,"col":12,"end_col":17,"message":"name 'prise' is not defined"}])");
  const std::string run = "--run 'echo \"a.py:2:12: F821 undefined name prise\"'";
  for (const std::string& how : {std::string(), std::string("--diagnostics d.json"), run}) {
    const Ran ran = test.run_with_model("fix a.py --json " + how);
    INFO(how, ran.err);
    REQUIRE(ran.code == 0);
    const json object = json::parse(ran.out);
    CHECK(object["file"] == "a.py");
    CHECK(object["problems"].size() == 1);
    CHECK(object["problems"][0]["line"] == 2);
    CHECK(object["problems"][0]["col"] == 12);
    CHECK(object["changed"] == !object["diff"].get<std::string>().empty());
    CHECK(object["applied"] == false);
    CHECK(read_text(file) == text);
    // With nothing changed it says why.
    CHECK((object["changed"] == true || ran.err.find("a.py:2:12: ") != std::string::npos));
  }
  const Ran applied = test.run_with_model("fix a.py --apply --diagnostics d.json");
  CHECK(applied.code == 0);
  CHECK((read_text(file) != text) == !applied.out.empty());
}

TEST_CASE("cli fix: nothing to do") {
  const ProgramTest test;
  test.file("a.py", kProgram);
  const Ran clean = test.run_with_model("fix a.py");
  CHECK(clean.code == 0);
  CHECK(clean.out.empty());
  CHECK(clean.err == "seedling: no problems in a.py\n");
  const Ran other = test.run_with_model("fix a.py --run 'echo other.py:1:1: bad; exit 1'");
  CHECK(other.code == 0);
  CHECK(other.err == "seedling: no problems in a.py in the output of --run\n");
}

TEST_CASE("cli model: info and verify") {
  const ProgramTest test;
  const Ran info = test.run("model info " + test.model());
  CHECK(info.code == 0);
  CHECK(info.out.find("2 layers, hidden 16") != std::string::npos);
  const json object = json::parse(test.run("model info --json --model " + test.model()).out);
  CHECK(object["vocabulary"] == 320);
  CHECK(object["special_tokens"]["<|mask|>"] == 2);
  CHECK(object["file_bytes"]["model.safetensors"] ==
        std::filesystem::file_size(test / "model/model.safetensors"));
  const Ran verified = test.run("model verify " + test.model());
  CHECK(verified.code == 0);
  CHECK(verified.out.starts_with("ok: "));
}

TEST_CASE("cli model: quantise, and verify of the result on every backend that runs here") {
  const ProgramTest test;
  const Ran made = test.run("model quantise " + test.model() + " --out " + test / "int8");
  INFO(made.out, made.err);
  REQUIRE(made.code == 0);
  CHECK(made.out.starts_with("model.embed_tokens.weight "));
  CHECK(made.out.find("all matrices: relative RMS error 0.") != std::string::npos);
  const json object = json::parse(test.run("model info --json " + test / "int8").out);
  CHECK(object["dtype"].get<std::string>().find("int8 ") != std::string::npos);
  CHECK(object["parameters"] == json::parse(test.run("model info --json " + test.model()).out)["parameters"]);
  for (const std::string backend : {"plain", "torch", "auto"}) {
    const Ran verified = test.run("model verify " + test / "int8" + " --backend " + backend);
    INFO(verified.out, verified.err);
    CHECK(verified.code == 0);
    const bool compares = verified.out.find(" on the plain backend\n") == std::string::npos;
    CHECK((verified.out.find("differ from the plain backend's by ") != std::string::npos) == compares);
  }
  check_refused(test.run("model quantise " + test / "int8" + " --out " + test / "again"), "is int8 already");
  check_refused(test.run("model quantise " + test.model() + " --out " + test.model()),
                "choose another folder");
  check_refused(test.run("model quantise " + test.model()), "--out");
}

TEST_CASE("cli model: use makes a model the default, and --default goes back") {
  const ProgramTest test;
  const auto run = [&](const std::string& arguments) {
    return test.shell("XDG_CONFIG_HOME=" + test / "config" + " " + SEEDLING_BINARY + " " + arguments);
  };
  const std::string config = test / "config/seedling/config.json";
  const Ran used = run("model use model");  // a relative path
  INFO(used.out, used.err);
  REQUIRE(used.code == 0);
  CHECK(used.out.starts_with("ok: "));
  CHECK(json::parse(read_text(config))["model"] == std::filesystem::canonical(test.model()).string());
  CHECK(run("model info").out.find("2 layers, hidden 16") != std::string::npos);

  // What else stands there stays; a model that does not work is not chosen.
  json other = json::parse(read_text(config));
  other["something"] = 3;
  write_text(config, other.dump());
  check_refused(run("model use /nowhere"), "/nowhere");
  check_refused(run("model use"), "--default");
  CHECK(json::parse(read_text(config)) == other);
  std::filesystem::rename(test.model(), test / "moved");
  check_refused(run("model info"), "seedling model use --default");
  CHECK(run("model use --default").code == 0);
  CHECK(json::parse(read_text(config)) == json{{"something", 3}});

  write_text(config, "{");
  const Ran damaged = run("model use moved");
  CHECK(damaged.code == 2);
  CHECK(damaged.err.find("config.json: expected a JSON object") != std::string::npos);
}
