using System.Collections.Concurrent;
using System.Text.Json;

namespace Messaging.Breaker.Tests.Robustness;

/// <summary>
/// Inputs that once caused a failure, or that are typical of their kind. Every run tries each of them unchanged, and makes the other inputs
/// from them. A document in a file of the corpus stands there as JSON, and an input that is not JSON as a string.
/// </summary>
static class Corpus
{
    static readonly ConcurrentDictionary<string, IReadOnlyList<string>> Kinds = new();

    /// <summary>Numbers below this one draw the inputs unchanged.</summary>
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
