namespace Belljar.Detection.Tests.Recall;

/// <summary>A file in which secrets were hidden.</summary>
internal sealed record PlantedFile(FileKind Kind, string Name, byte[] Content, IReadOnlyList<Plant> Plants);

/// <param name="Offset">Of the line or cell that holds the secret, which may be encoded as the file's kind demands.</param>
internal sealed record Plant(TokenFormat Format, int Offset, int Length);

/// <summary>The kinds of file that secrets are found in.</summary>
internal enum FileKind
{
    CSharp,
    Java,
    Go,
    Python,
    JavaScript,
    Ruby,
    Php,
    Rust,
    Shell,
    Env,
    Yaml,
    Kubernetes,
    Json,
    Properties,
    Toml,
    Notebook,
    Log,
    MinifiedJavaScript,
    Diff,
    Html,
    Csv,
    Markdown,
    Terraform,
}
