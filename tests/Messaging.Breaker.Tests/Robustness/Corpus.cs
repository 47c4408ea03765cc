using System.Collections.Concurrent;
using System.Text.Json;

namespace Messaging.Breaker.Tests.Robustness;

/// <summary>
/// Inputs that hurt once, or that stand for their kind: each is tried as it is in every run, and is what the others are made of. Of the entries
/// of a file those that are JSON are documents, and texts are what is no JSON.
/// </summary>
static class Corpus
{
    static readonly ConcurrentDictionary<string, IReadOnlyList<string>> Kinds = new();

    /// <summary>The first numbers draw the inputs as they are.</summary>
    public const int Replayed = 20;

    public static string Draw(string kind, int number)
    {
        var inputs = Kinds.GetOrAdd(kind, Read);
        var input = inputs[number % inputs.Count];
        return number < Replayed ? input : Mutation.Of(input, number);
    }

    static IReadOnlyList<string> Read(string kind)
    {
        using var file = JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Corpus", $"{kind}.json")));
        List<string> inputs = [.. file.RootElement.EnumerateArray().Select(input => input.ValueKind is JsonValueKind.String ? input.GetString()! : input.GetRawText())];
        Assert.InRange(inputs.Count, 1, Replayed);
        return inputs;
    }
}
