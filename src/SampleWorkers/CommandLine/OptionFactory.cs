using System.CommandLine;
using System.CommandLine.Parsing;
using Microsoft.Extensions.Configuration;

namespace SampleWorkers.CommandLine;

/// <summary>
/// Creates options whose value comes from the command line, or else from the configuration (Sample:QueueType), or else is the default.
/// </summary>
sealed class OptionFactory(IConfiguration configuration)
{
    public Option<T> Create<T>(string name, string description, ValueRule<T> rule, T fallback) => new(name)
    {
        Description = $"{description}: {rule.Allowed}",
        HelpName = name.TrimStart('-').ToUpperInvariant(),
        CustomParser = result => Convert(result, name, rule, result.Tokens[0].Value),
        DefaultValueFactory = result => configuration[Key(name)] is { Length: > 0 } text ? Convert(result, Key(name), rule, text) : fallback,
    };

    /// <summary>A flag; <c>true</c> in the configuration.</summary>
    public Option<bool> CreateFlag(string name, string description) => new(name)
    {
        Description = description,
        DefaultValueFactory = _ => bool.TryParse(configuration[Key(name)], out var isSet) && isSet,
    };

    public static T Convert<T>(ArgumentResult result, string name, ValueRule<T> rule, string text)
    {
        try
        {
            return rule.Parse(text);
        }
        catch (FormatException)
        {
            result.AddError($"{name} must be {rule.Allowed}{(rule.IsSecret ? "" : $", not '{text}'")}.");
            return default!;
        }
    }

    /// <summary><c>--queue-type</c> is <c>Sample:QueueType</c>, in the environment <c>Sample__QueueType</c>.</summary>
    static string Key(string name) => $"Sample:{name.Replace("-", "", StringComparison.Ordinal)}";
}
