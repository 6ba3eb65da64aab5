using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Belljar.Detection.Tests.Recall;

/// <summary>Writes files as people and programs write them, with secrets where people and programs leave them.</summary>
internal sealed class FileWriter(FileKind kind, Random random)
{
    /// <summary>For formats that are known by themselves: names that help nobody.</summary>
    private static readonly string[] NeutralNames = ["VALUE", "ITEM_2", "CONFIG_X", "FIELD_A", "PARAM_7"];

    private readonly StringBuilder _text = new();
    private readonly List<Plant> _plants = [];

    public PlantedFile Write(string name, IEnumerable<TokenFormat> formats)
    {
        _text.Append(Filler.Beginning(kind));
        foreach (var format in formats)
        {
            for (var lines = random.Next(1, 6); lines > 0; lines--)
            {
                _text.Append(Filler.Line(kind, random));
            }

            Plant(format);
        }

        _text.Append(Filler.Line(kind, random)).Append(Filler.End(kind));
        var text = _text.ToString();
        return new PlantedFile(kind, name, Encoding.UTF8.GetBytes(text), _plants);
    }

    private void Plant(TokenFormat format)
    {
        var value = format.Make(random);
        var name = format.Names.Count > 0 ? format.Names[random.Next(format.Names.Count)] : NeutralNames[random.Next(NeutralNames.Length)];
        var at = _text.Length;
        _text.Append(Hold(name, value));

        // Filler and secrets are ASCII, so that characters are bytes.
        _plants.Add(new Plant(format, at, _text.Length - at));
    }

    private string Hold(string name, string value) => kind switch
    {
        FileKind.CSharp => random.Next(2) == 0
            ? $"    private const string {Naming.Pascal(name)} = {Quoted(value)};\n"
            : $"        options.{Naming.Pascal(name)} = {Quoted(value)};\n",
        FileKind.Java => random.Next(2) == 0
            ? $"    private static final String {Naming.UpperSnake(name)} = {Quoted(value)};\n"
            : $"        client.set{Naming.Pascal(name)}({Quoted(value)});\n",
        FileKind.Go => random.Next(2) == 0
            ? $"\t{Naming.Camel(name)} := {Quoted(value)}\n"
            : $"\t\t{Naming.Pascal(name)}: {Quoted(value)},\n",
        FileKind.Python => random.Next(3) switch
        {
            0 => $"{Naming.UpperSnake(name)} = {Quoted(value)}\n",
            1 => $"os.environ[\"{Naming.UpperSnake(name)}\"] = {Single(value)}\n",
            _ => $"    {Naming.Snake(name)}={Quoted(value)},\n",
        },
        FileKind.JavaScript => random.Next(3) switch
        {
            0 => $"const {Naming.Camel(name)} = {Single(value)};\n",
            1 => $"  {Naming.Camel(name)}: {Quoted(value)},\n",
            _ => $"const {Naming.Camel(name)}: string = process.env.{Naming.UpperSnake(name)} || {Single(value)};\n",
        },
        FileKind.Ruby => random.Next(2) == 0
            ? $"  config.{Naming.Snake(name)} = {Single(value)}\n"
            : $"  :{Naming.Snake(name)} => {Single(value)},\n",
        FileKind.Php => random.Next(2) == 0
            ? $"    '{Naming.Snake(name)}' => {Single(value)},\n"
            : $"define('{Naming.UpperSnake(name)}', {Single(value)});\n",
        FileKind.Rust => $"    const {Naming.UpperSnake(name)}: &str = {Quoted(value)};\n",
        FileKind.Shell => random.Next(2) == 0
            ? $"export {Naming.UpperSnake(name)}={ShellWord(value)}\n"
            : $"{Naming.UpperSnake(name)}={ShellWord(value)} ./deploy --all\n",
        FileKind.Env => $"{Naming.UpperSnake(name)}={EnvironmentValue(value)}\n",
        FileKind.Yaml => random.Next(2) == 0
            ? $"  {Naming.Snake(name)}: {YamlValue(value)}\n"
            : $"    {Naming.Camel(name)}: {YamlValue(value)}\n",
        FileKind.Kubernetes => $"        - name: {Naming.UpperSnake(name)}\n          value: {YamlValue(value, 12)}\n",
        FileKind.Json => $"    \"{Naming.Camel(name)}\": {Json(value)},\n",
        FileKind.Properties => $"{Naming.Dotted(name)}={value.Replace("\n", "\\n", StringComparison.Ordinal)}\n",
        FileKind.Toml => $"{Naming.Snake(name)} = {(value.Contains('\n', StringComparison.Ordinal) ? $"\"\"\"\n{value}\n\"\"\"" : Quoted(value))}\n",
        FileKind.Notebook => $"    {Json($"{Naming.UpperSnake(name)} = {Quoted(value)}\n")},\n",
        FileKind.Log => LogLine(name, value),
        FileKind.MinifiedJavaScript => random.Next(2) == 0
            ? $"{Naming.Camel(name)}:{Quoted(value)},"
            : $"e.{Naming.Camel(name)}={Quoted(value)},",
        FileKind.Diff => $"+{$"{Naming.UpperSnake(name)} = {Quoted(value, lines: true)}".Replace("\n", "\n+", StringComparison.Ordinal)}\n",
        FileKind.Html => random.Next(2) == 0
            ? $"  <tr><td>{Naming.Snake(name)}</td><td>{HtmlEncoder.Default.Encode(value).Replace("&#xA;", "\n", StringComparison.Ordinal)}</td></tr>\n"
            : $"  <input type=\"hidden\" name=\"{Naming.Camel(name)}\" value=\"{HtmlEncoder.Default.Encode(value)}\">\n",
        FileKind.Csv => $"{random.Next(1000)},{Naming.Snake(name)},{CsvCell(value)},2026-0{random.Next(1, 10)}-11\n",
        FileKind.Markdown => random.Next(2) == 0
            ? $"Set `{Naming.UpperSnake(name)}={value}` before the first start.\n\n"
            : $"```sh\nexport {Naming.UpperSnake(name)}={ShellWord(value)}\n```\n\n",
        FileKind.Terraform => $"  {Naming.Snake(name)} = {Quoted(value)}\n",
        _ => throw new ArgumentOutOfRangeException(nameof(name), kind, null),
    };

    private string LogLine(string name, string value)
    {
        var time = $"2026-11-{random.Next(10, 29)}T{random.Next(10, 24)}:{random.Next(10, 60)}:{random.Next(10, 60)}.{random.Next(100, 999)}Z";
        return random.Next(3) switch
        {
            0 => $"{time} DEBUG [http-{random.Next(9)}] settings read: {Naming.UpperSnake(name)}={value}\n",
            1 => $"{time} INFO worker {random.Next(99)} started with {{\"{Naming.Camel(name)}\": {Json(value)}}}\n",
            _ => $"{time} WARN could not verify {Naming.Snake(name)}: {value}\n",
        };
    }

    private static string Quoted(string value) => Quoted(value, lines: false);

    private static string Quoted(string value, bool lines)
    {
        var text = value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal);
        return $"\"{(lines ? text : text.Replace("\n", "\\n", StringComparison.Ordinal))}\"";
    }

    private static string Single(string value) =>
        $"'{value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "\\'", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal)}'";

    private string ShellWord(string value) =>
        random.Next(2) == 0 && value.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or '/' or '+' or '=' or ':') ? value : $"'{value}'";

    private static string EnvironmentValue(string value) =>
        value.Contains('\n', StringComparison.Ordinal) ? Quoted(value) : value.Contains(' ', StringComparison.Ordinal) ? $"\"{value}\"" : value;

    private string YamlValue(string value, int indent = 6)
    {
        if (value.Contains('\n', StringComparison.Ordinal))
        {
            var margin = new string(' ', indent);
            return $"|\n{margin}{value.Replace("\n", "\n" + margin, StringComparison.Ordinal)}";
        }

        var plain = !value.Contains(": ", StringComparison.Ordinal) && !value.Contains(" #", StringComparison.Ordinal) && value[0] is not ('"' or '{' or '!' or '*' or '@' or '%' or '-');
        return plain && random.Next(2) == 0 ? value : $"'{value}'";
    }

    /// <summary>Half as most programs write it, half as those that escape whatever HTML could trip over.</summary>
    private string Json(string value) =>
        JsonSerializer.Serialize(value, random.Next(2) == 0 ? Relaxed : Escaping);

    private static readonly JsonSerializerOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly JsonSerializerOptions Escaping = new();

    private static string CsvCell(string value) =>
        value.AsSpan().ContainsAny("\",\n") ? $"\"{value.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : value;
}
