using Belljar.Detection.Validators;
using Belljar.Toml;

namespace Belljar.Detection.Rules;

/// <summary>Binds a TOML tree to rules. Unknown keys are passed over, as the format's other readers do.</summary>
internal sealed class RuleFileReader
{
    private readonly List<RuleFileError> _errors = [];

    public IReadOnlyList<RuleFileError> Errors => _errors;

    public RuleFile Read(TomlTable root)
    {
        var rules = new List<Rule>();
        var ids = new HashSet<string>();
        foreach (var table in Tables(root, "rules"))
        {
            var rule = ReadRule(table);
            if (rule.Id.Length > 0 && !ids.Add(rule.Id))
            {
                _errors.Add(new RuleFileError($"the rule '{rule.Id}' stands here twice", table.Position));
            }

            rules.Add(rule);
        }

        return new RuleFile
        {
            Title = root.GetString("title"),
            Extend = root.TryGet("extend", out TomlTable? extend) ? ReadExtension(extend) : null,
            Rules = rules,
            Allowlists = ReadAllowlists(root),
        };
    }

    private static RuleFileExtension ReadExtension(TomlTable table) => new(
        table.GetBoolean("useDefault") ?? false,
        table.GetString("path"),
        table.GetStrings("disabledRules") ?? []);

    private Rule ReadRule(TomlTable table)
    {
        var id = Text(table, "id");
        if (string.IsNullOrEmpty(id))
        {
            _errors.Add(new RuleFileError("a rule needs an id", table.Position));
        }

        var validator = Text(table, "validator");
        if (validator is not null && !ValidatorCatalogue.Contains(validator))
        {
            _errors.Add(new RuleFileError($"there is no validator '{validator}'; there are: {string.Join(", ", ValidatorCatalogue.Names)}", table.Position));
        }

        return new Rule
        {
            Id = id ?? "",
            Description = Text(table, "description") ?? "",
            Regex = Text(table, "regex"),
            Path = Text(table, "path"),
            SecretGroup = Number(table, "secretGroup") ?? 0,
            Entropy = Fraction(table, "entropy"),
            Keywords = Texts(table, "keywords"),
            Tags = Texts(table, "tags"),
            Allowlists = ReadAllowlists(table),
            Required = [.. Tables(table, "required").Select(ReadRequired)],
            SkipReport = table.GetBoolean("skipReport") ?? false,
            Validator = validator,
            Service = Text(table, "service"),
        };
    }

    private RequiredRule ReadRequired(TomlTable table)
    {
        var id = Text(table, "id");
        if (string.IsNullOrEmpty(id))
        {
            _errors.Add(new RuleFileError("a required rule needs an id", table.Position));
        }

        return new RequiredRule(id ?? "", Number(table, "withinLines"), Number(table, "withinColumns"));
    }

    /// <summary>Both spellings: <c>[allowlist]</c> of older files, <c>[[allowlists]]</c> of newer ones.</summary>
    private List<Allowlist> ReadAllowlists(TomlTable table)
    {
        var lists = new List<Allowlist>();
        if (table.TryGet("allowlist", out TomlTable? single))
        {
            lists.Add(ReadAllowlist(single));
        }

        lists.AddRange(Tables(table, "allowlists").Select(ReadAllowlist));
        return lists;
    }

    private Allowlist ReadAllowlist(TomlTable table) => new()
    {
        Description = Text(table, "description") ?? "",
        Condition = Text(table, "condition")?.ToUpperInvariant() switch
        {
            null or "" or "OR" or "||" => AllowlistCondition.Or,
            "AND" or "&&" => AllowlistCondition.And,
            var other => Wrong(table, $"condition is OR or AND, not '{other}'", AllowlistCondition.Or),
        },
        RegexTarget = Text(table, "regexTarget")?.ToLowerInvariant() switch
        {
            null or "" or "secret" => AllowlistTarget.Secret,
            "match" => AllowlistTarget.Match,
            "line" => AllowlistTarget.Line,
            var other => Wrong(table, $"regexTarget is secret, match or line, not '{other}'", AllowlistTarget.Secret),
        },
        Regexes = Texts(table, "regexes"),
        Stopwords = Texts(table, "stopwords"),
        Paths = Texts(table, "paths"),
        Commits = Texts(table, "commits"),
        TargetRules = Texts(table, "targetRules"),
    };

    private T Wrong<T>(TomlTable table, string message, T instead)
    {
        _errors.Add(new RuleFileError(message, table.Position));
        return instead;
    }

    private string? Text(TomlTable table, string key) => table[key] switch
    {
        null => null,
        TomlString text => text.Value,
        var other => Wrong<string?>(table, $"{key} is a string, not {other.Kind}", null),
    };

    private int? Number(TomlTable table, string key) => table[key] switch
    {
        null => null,
        TomlInteger { Value: >= 0 and <= 100_000 } number => (int)number.Value,
        _ => Wrong<int?>(table, $"{key} is a whole number from 0 to 100000", null),
    };

    private double? Fraction(TomlTable table, string key) => table[key] switch
    {
        null => null,
        TomlInteger number => number.Value,
        TomlFloat number => number.Value,
        _ => Wrong<double?>(table, $"{key} is a number", null),
    };

    private IReadOnlyList<string> Texts(TomlTable table, string key)
    {
        if (table[key] is null)
        {
            return [];
        }

        return table.GetStrings(key) ?? Wrong<IReadOnlyList<string>>(table, $"{key} is a list of strings", []);
    }

    private IReadOnlyList<TomlTable> Tables(TomlTable table, string key)
    {
        if (table[key] is null or TomlArray { Count: 0 })
        {
            return [];
        }

        var tables = table.GetTables(key);
        return tables.Count > 0 ? tables : Wrong<IReadOnlyList<TomlTable>>(table, $"{key} is a list of tables: [[{key}]]", []);
    }
}
