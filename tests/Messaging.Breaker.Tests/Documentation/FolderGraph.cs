using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Messaging.Breaker.Tests.Documentation;

/// <summary>Which folders of the library use types of which other folders, read from the source.</summary>
sealed class FolderGraph
{
    const string Usings = "global using System; global using System.Collections.Generic; global using System.IO; global using System.Linq; "
        + "global using System.Net.Http; global using System.Threading; global using System.Threading.Tasks;";

    static readonly string Source = Path.Combine(Repository.Root, "src", "Messaging.Breaker");

    readonly SortedDictionary<string, SortedDictionary<string, SortedSet<string>>> _uses = new(StringComparer.Ordinal);
    readonly SortedDictionary<string, SortedSet<string>> _assemblies = new(StringComparer.Ordinal);

    public FolderGraph()
    {
        var options = new CSharpParseOptions(LanguageVersion.Latest);
        var trees = Directory.EnumerateFiles(Source, "*.cs", SearchOption.AllDirectories)
            .Where(file => FolderOf(file) is not (null or "bin" or "obj"))
            .Select(file => CSharpSyntaxTree.ParseText(File.ReadAllText(file), options, file))
            .ToList();
        var references = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(file => !Path.GetFileName(file).StartsWith("Messaging.Breaker", StringComparison.Ordinal))
            .Select(file => MetadataReference.CreateFromFile(file));
        var compilation = CSharpCompilation.Create("folders", [.. trees, CSharpSyntaxTree.ParseText(Usings, options)], references);
        foreach (var tree in trees)
            Read(compilation.GetSemanticModel(tree), FolderOf(tree.FilePath)!);
    }

    public IEnumerable<string> Folders => _uses.Keys;

    /// <summary>The other folders that a folder uses.</summary>
    public IEnumerable<string> UsesOf(string folder) => _uses[folder].Keys;

    /// <summary>Types of another folder that a folder uses, for failure messages.</summary>
    public string TypesOf(string folder, string used) => string.Join(", ", _uses[folder][used].Take(5));

    /// <summary>The assemblies that a folder uses.</summary>
    public IReadOnlySet<string> AssembliesOf(string folder) => _assemblies[folder];

    /// <summary>Folders that use each other, directly or through others; empty if there are none.</summary>
    public IReadOnlyList<string> FindCycle()
    {
        foreach (var folder in Folders)
            if (FindPath(folder, folder, []) is { } path)
                return path;
        return [];
    }

    /// <summary>The graph, without the uses that follow from other uses.</summary>
    public string ToMermaid() => string.Join(
        '\n',
        Folders.SelectMany(folder => UsesOf(folder)
            .Where(used => !UsesOf(folder).Any(other => other != used && Reaches(other, used)))
            .Select(used => $"  {folder} --> {used}"))
            .Prepend("flowchart TD"));

    static string? FolderOf(string file) => Path.GetRelativePath(Source, file).Split(Path.DirectorySeparatorChar) is [var folder, _, ..] ? folder : null;

    bool Reaches(string from, string to) => FindPath(from, to, []) is not null;

    List<string>? FindPath(string from, string to, HashSet<string> seen)
    {
        foreach (var used in UsesOf(from))
        {
            if (used == to)
                return [from, used];
            if (seen.Add(used) && FindPath(used, to, seen) is { } path)
                return [from, .. path];
        }

        return null;
    }

    void Read(SemanticModel model, string folder)
    {
        var (uses, assemblies) = (_uses.GetValueOrDefault(folder) ?? (_uses[folder] = new(StringComparer.Ordinal)), _assemblies.GetValueOrDefault(folder) ?? (_assemblies[folder] = []));
        foreach (var name in model.SyntaxTree.GetRoot().DescendantNodes().OfType<SimpleNameSyntax>())
        {
            var symbol = model.GetSymbolInfo(name).Symbol;
            var type = symbol as INamedTypeSymbol ?? symbol?.ContainingType;
            while (type?.ContainingType is { } outer)
                type = outer;
            if (type is null)
                continue;
            if (type.DeclaringSyntaxReferences.FirstOrDefault()?.SyntaxTree.FilePath is not { } file)
                assemblies.Add(type.ContainingAssembly.Name);
            else if (FolderOf(file) is { } used && used != folder)
                (uses.GetValueOrDefault(used) ?? (uses[used] = [])).Add(type.Name);
        }
    }
}
