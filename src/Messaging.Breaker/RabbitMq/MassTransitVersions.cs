using System.Reflection;
using System.Runtime.Loader;
using MassTransit;

namespace Messaging.Breaker.RabbitMq;

/// <summary>
/// MassTransit's packages only work together in the same version, but require of each other only a minimum version. So NuGet lets an
/// application mix them, and the mismatch shows at run time, message by message. Therefore a mix is refused at start.
/// </summary>
static class MassTransitVersions
{
    const string Core = "MassTransit";

    /// <summary>
    /// The packages whose internals are used: even their patch versions must match. Of the others, only what their versions guarantee is used.
    /// </summary>
    static readonly string[] BuiltOn = [Core, "MassTransit.Abstractions", "MassTransit.RabbitMqTransport"];

    static readonly Dictionary<string, string> Packages = new()
    {
        ["MassTransit.ActiveMqTransport"] = "MassTransit.ActiveMQ",
        ["MassTransit.AmazonSqsTransport"] = "MassTransit.AmazonSQS",
        ["MassTransit.Azure.Table"] = "MassTransit.Azure.Cosmos.Table",
        ["MassTransit.RabbitMqTransport"] = "MassTransit.RabbitMQ",
    };

    /// <exception cref="ConfigurationException">The application mixes versions.</exception>
    public static void Check()
    {
        // By name, because a type of a mix might not even load.
        var builtOn = typeof(MassTransitVersions).Assembly.GetReferencedAssemblies().Where(IsMassTransit).Select(Assembly.Load).ToList();
        var others = AssemblyLoadContext.GetLoadContext(builtOn[0])!.Assemblies.Where(assembly => IsMassTransit(assembly.GetName()));
        if (FindMix([.. builtOn.Union(others).Select(assembly => assembly.GetName())]) is { } mix)
            throw new ConfigurationException(mix);
    }

    /// <summary>The problem with these assemblies, and its remedy; null if they work together.</summary>
    public static string? FindMix(IReadOnlyList<AssemblyName> assemblies)
    {
        var core = assemblies.Single(assembly => assembly.Name == Core);
        var known = assemblies.Where(assembly => IsMassTransit(assembly) && assembly.GetPublicKeyToken().AsSpan().SequenceEqual(core.GetPublicKeyToken())).ToList();
        var newest = known.Max(assembly => assembly.Version)!;
        var older = known.FindAll(assembly => !GoesWith(assembly, newest));
        if (older.Count == 0)
            return null;
        var packages = string.Join(" and ", older.Select(PackageOf).Order(StringComparer.Ordinal));
        var found = string.Join(", ", known.OrderBy(PackageOf, StringComparer.Ordinal).Select(assembly => $"{PackageOf(assembly)} {assembly.Version!.ToString(3)}"));
        return $"The MassTransit packages have different versions: {found}. They only work together in the same version: "
            + $"reference {packages} in version {newest.ToString(3)} too.";
    }

    static bool IsMassTransit(AssemblyName assembly) => assembly.Name is { } name && (name == Core || name.StartsWith(Core + ".", StringComparison.Ordinal));

    static bool GoesWith(AssemblyName assembly, Version newest) =>
        assembly.Version is { } version && (BuiltOn.Contains(assembly.Name) ? version == newest : (version.Major, version.Minor) == (newest.Major, newest.Minor));

    static string PackageOf(AssemblyName assembly) => Packages.GetValueOrDefault(assembly.Name!) ?? assembly.Name!.Replace("Integration", "", StringComparison.Ordinal);
}
