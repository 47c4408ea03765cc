using Messaging.Breaker.Breakers;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace Messaging.Breaker.Configuration;

/// <summary>The section "Breakers" of the configuration: one child for each breaker, whose keys are the options' names.</summary>
sealed class BreakersSection(IConfiguration? configuration = null) : IPostConfigureOptions<BreakerOptions>
{
    /// <summary>What is no breaker: the option of the worker, for all its endpoints or for each by its name.</summary>
    public const string StartPaused = "StartPaused";

    const string Name = "Breakers";
    const string Partitions = "Partitions";
    const int LongestShown = 100;

    /// <summary>The names of breakers in it, but for those of endpoints' own.</summary>
    /// <exception cref="OptionsValidationException">A name is malformed, or the section is a word.</exception>
    public IReadOnlyList<string> ReadNames()
    {
        if (configuration?.GetSection(Name) is not { } section)
            return [];
        if (section.Value is { Length: > 0 })
            throw Invalid("", $"section {Name} is a word: it must hold one section for each breaker, as in \"{Name}\": {{ \"payments\": {{ }} }}");
        var names = section.GetChildren().Select(child => child.Key)
            .Where(name => !name.StartsWith(BreakerRegistry.EndpointPrefix, StringComparison.OrdinalIgnoreCase) && !name.Equals(StartPaused, StringComparison.OrdinalIgnoreCase))
            .ToList();
        return names.Find(name => !BreakerNames.IsWellFormed(name)) is { } malformed
            ? throw Invalid(malformed, $"section {Name} has a breaker named '{OneLine.Of(malformed, LongestShown)}', which is not a breaker's name: {BreakerNames.Form}")
            : names;
    }

    /// <summary>Why an endpoint is to start held: what is said of it, or else of all; empty if it is not to, null if nothing is said.</summary>
    public string? ReasonToStartPaused(string endpoint)
    {
        if (configuration?.GetSection(Name).GetSection(StartPaused) is not { } section)
            return null;
        var said = section.GetChildren().FirstOrDefault(child => child.Key.Equals(endpoint, StringComparison.OrdinalIgnoreCase))?.Value ?? section.Value;
        return !bool.TryParse(said, out var isSet) ? said : isSet ? $"{Name}:{StartPaused} is set in the configuration" : "";
    }

    public IConfiguration? Source => configuration;

    /// <summary>After what the code says, which it overrides.</summary>
    public void PostConfigure(string? name, BreakerOptions options)
    {
        if (configuration?.GetSection(Name).GetSection(name!) is not { } section)
            return;
        Read(name!, section.GetSection(Partitions).Exists() ? WithoutPartitions(section) : section, section.Path, options);
        foreach (var key in section.GetSection(Partitions).GetChildren())
            Read(name!, key, key.Path, new BreakerOptions());
    }

    /// <summary>What it says of one key of a partitioned breaker, after what it says of the breaker.</summary>
    public void ConfigureKey(string name, string key, BreakerOptions options)
    {
        if (configuration?.GetSection(Name).GetSection(name).GetSection(Partitions).GetSection(key) is { } section)
            Read(name, section, section.Path, options);
    }

    static void Read(string name, IConfiguration section, string path, BreakerOptions options)
    {
        if (section.ReadInto(options) is { } problem)
            throw new OptionsValidationException(name, typeof(BreakerOptions), [$"Breaker '{name}': section {path} cannot be read: {problem}"]);
    }

    static IConfiguration WithoutPartitions(IConfigurationSection section) => new ConfigurationBuilder()
        .AddInMemoryCollection(section.AsEnumerable(makePathsRelative: true).Where(
            entry => entry.Key.Length > 0 && !entry.Key.Split(':')[0].Equals(Partitions, StringComparison.OrdinalIgnoreCase)))
        .Build();

    static OptionsValidationException Invalid(string name, string problem) => new(name, typeof(BreakerOptions), [$"{problem}."]);
}
