using System.Text.RegularExpressions;

namespace Messaging.Breaker.Tests.Documentation;

public partial class DocumentationTests
{
    public static TheoryData<string> Documents => [.. Directory.EnumerateFiles(Beside, "*.md").Select(file => Path.GetFileName(file)!)];

    /// <summary>The examples are compiled beside this test, so exactly what a reader pastes from the docs compiles.</summary>
    [Theory]
    [MemberData(nameof(Documents))]
    public void Every_line_of_code_is_compiled(string document)
    {
        var compiled = Directory.EnumerateFiles(Beside, "*.cs").SelectMany(file => Lines(File.ReadAllText(file))).ToHashSet();
        Assert.All(
            CodeBlock().Matches(Read(document)).SelectMany(block => Lines(block.Groups["code"].Value)),
            line => Assert.Contains(line, compiled));
    }

    static IEnumerable<string> Lines(string code) =>
        code.Split('\n').Select(line => line.Split("  //")[0].Trim().Replace("public class", "public sealed class", StringComparison.Ordinal)).Where(line => line.Length > 0);

    /// <summary>Reads the copy beside the tests: the paths that a deterministic build compiles in do not exist.</summary>
    static string Read(string name) => File.ReadAllText(Path.Combine(Beside, name));

    static string Beside => Path.Combine(AppContext.BaseDirectory, "Documentation");

    [GeneratedRegex("```csharp\n(?<code>.*?)```", RegexOptions.Singleline)]
    private static partial Regex CodeBlock();
}
