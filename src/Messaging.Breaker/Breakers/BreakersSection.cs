using Messaging.Breaker.Primitives;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace Messaging.Breaker.Breakers;

/// <summary>The configuration section "Breakers": one child for each breaker, with the options as its keys.</summary>
sealed class BreakersSection(IConfiguration? configuration = null) : IPostConfigureOptions<BreakerOptions>
{
    /// <summary>Not a breaker, but an option of the worker, for all its endpoints or for each by its name.</summary>
    public const string StartPaused = "StartPaused";

    /// <summary>Not a breaker either, but the planned windows, by their names.</summary>
    public const string Windows = "Windows";

    const string Name = "Breakers";
    const string Partitions = "Partitions";
    const int LongestShown = 100;

    /// <summary>The names of the breakers in it, without endpoints' own breakers.</summary>
    /// <exception cref="OptionsValidationException">A name is malformed, or the section is a plain value.</exception>
    public IReadOnlyList<string> ReadNames()
    {
        if (configuration?.GetSection(Name) is not { } section)
            return [];
        if (section.Value is { Length: > 0 })
            throw Invalid("", $"section {Name} is a plain value: it must have one section for each breaker, as in \"{Name}\": {{ \"payments\": {{ }} }}");
        var names = section.GetChildren().Select(child => child.Key)
            .Where(name => !name.StartsWith(BreakerRegistry.EndpointPrefix, StringComparison.OrdinalIgnoreCase) && !IsReserved(name))
            .ToList();
        return names.Find(name => !BreakerNames.IsWellFormed(name)) is { } malformed
            ? throw Invalid(malformed, $"section {Name} has a breaker named '{OneLine.Of(malformed, LongestShown)}', which is not a valid breaker name: {BreakerNames.Form}")
            : names;
    }

    /// <summary>
    /// Why an endpoint starts held, by its own setting or else by the one for all endpoints; empty if it does not, null if neither is set.
    /// </summary>
    public string? ReasonToStartPaused(string endpoint)
    {
        if (configuration?.GetSection(Name).GetSection(StartPaused) is not { } section)
            return null;
        var said = section.GetChildren().FirstOrDefault(child => child.Key.Equals(endpoint, StringComparison.OrdinalIgnoreCase))?.Value ?? section.Value;
        return !bool.TryParse(said, out var isSet) ? said : isSet ? $"{Name}:{StartPaused} is set in the configuration" : "";
    }

    /// <summary>Whether a name in it is an option of the worker, and not a breaker.</summary>
    public static bool IsReserved(string name) => name.Equals(StartPaused, StringComparison.OrdinalIgnoreCase) || name.Equals(Windows, StringComparison.OrdinalIgnoreCase);

    /// <summary>The windows, one section for each.</summary>
    /// <exception cref="OptionsValidationException">It cannot be read.</exception>
    public IEnumerable<IConfigurationSection> WindowSections()
    {
        if (configuration?.GetSection(Name).GetSection(Windows) is not { } section)
            return [];
        return section.Value is { Length: > 0 }
            ? throw Invalid("", $"section {section.Path} is a plain value: it must have one section for each window, as in \"{Windows}\": {{ \"nightly\": {{ }} }}")
            : section.GetChildren();
    }

    public IConfiguration? Source => configuration;

    /// <summary>Applied after the code's options, which it overrides.</summary>
    public void PostConfigure(string? name, BreakerOptions options)
    {
        if (configuration?.GetSection(Name).GetSection(name!) is not { } section)
            return;
        Read(name!, section.GetSection(Partitions).Exists() ? WithoutPartitions(section) : section, section.Path, options);
        foreach (var key in section.GetSection(Partitions).GetChildren())
            Read(name!, key, key.Path, new BreakerOptions());
    }

    /// <summary>The settings of one key of a partitioned breaker, applied after those of the breaker.</summary>
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
