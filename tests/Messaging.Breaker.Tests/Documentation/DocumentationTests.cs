using System.Globalization;
using System.Text.RegularExpressions;

namespace Messaging.Breaker.Tests.Documentation;

public partial class DocumentationTests
{
    static readonly string Readme = Read("README.md");

    [Fact]
    public void The_table_of_options_lists_every_option_with_its_default()
    {
        var defaults = new BreakerOptions();
        var expected = typeof(BreakerOptions).GetProperties().ToDictionary(option => option.Name, option => Text(option.GetValue(defaults)));
        expected[nameof(BreakerOptions.ProbeConcurrency)] = "`Probes`";
        var listed = OptionRow().Matches(Section("## Options"))
            .ToDictionary(row => row.Groups["name"].Value, row => row.Groups["default"].Value);
        Assert.Equal(expected.OrderBy(option => option.Key), listed.OrderBy(option => option.Key));
    }

    public static TheoryData<string> Documents => [.. Directory.EnumerateFiles(Beside, "*.md").Select(file => Path.GetFileName(file)!)];

    /// <summary>The examples are compiled beside this test, and what the reader pastes is exactly that.</summary>
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

    static string Section(string heading)
    {
        var start = Readme.IndexOf(heading, StringComparison.Ordinal);
        var end = Readme.IndexOf("\n## ", start, StringComparison.Ordinal);
        return Readme[start..end];
    }

    /// <summary>From beside the tests: the paths that a deterministic build compiles in do not exist.</summary>
    static string Read(string name) => File.ReadAllText(Path.Combine(Beside, name));

    static string Beside => Path.Combine(AppContext.BaseDirectory, "Documentation");

    static string Text(object? value) => value switch
    {
        null => "null",
        bool flag => flag ? "true" : "false",
        TimeSpan { TotalSeconds: > 60 } time => string.Create(CultureInfo.InvariantCulture, $"{time.TotalMinutes} min"),
        TimeSpan time => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds} s"),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString()!,
    };

    [GeneratedRegex(@"^\| `(?<name>\w+)` \| (?<default>[^|]+) \|", RegexOptions.Multiline)]
    private static partial Regex OptionRow();

    [GeneratedRegex("```csharp\n(?<code>.*?)```", RegexOptions.Singleline)]
    private static partial Regex CodeBlock();
}
