using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace Messaging.Breaker.PackageTests.Metadata;

/// <summary>The MassTransit assemblies in one folder. They are read, but not loaded.</summary>
sealed class AssemblyFolder : IDisposable
{
    readonly Dictionary<string, AssemblyTypes> _assemblies = [];

    public AssemblyFolder(string path)
    {
        foreach (var file in Directory.EnumerateFiles(path, "MassTransit*.dll"))
            _assemblies.Add(Path.GetFileNameWithoutExtension(file), new AssemblyTypes(file));
    }

    public AssemblyTypes this[string name] => _assemblies[name];

    /// <summary>Finds a type. If it has moved to another assembly, its type forward is followed.</summary>
    public DefinedType? Find(string assembly, string type) =>
        _assemblies.GetValueOrDefault(assembly) is { } types ? types.Find(type) ?? (types.ForwardOf(type) is { } other ? Find(other, type) : null) : null;

    public void Dispose()
    {
        foreach (var assembly in _assemblies.Values)
            assembly.Dispose();
    }
}

/// <summary>The types of one assembly by name, in the form of <see cref="TypeNames"/>.</summary>
sealed class AssemblyTypes : IDisposable
{
    readonly PEReader _file;
    readonly MetadataReader _metadata;
    readonly Dictionary<string, DefinedType> _types;
    readonly Dictionary<string, string> _forwards;

    public AssemblyTypes(string path)
    {
        _file = new PEReader(File.OpenRead(path));
        _metadata = _file.GetMetadataReader();
        _types = _metadata.TypeDefinitions.ToDictionary(handle => TypeNames.Of(_metadata, handle), handle => new DefinedType(_metadata, handle));
        _forwards = _metadata.ExportedTypes.Select(_metadata.GetExportedType)
            .Where(type => type.Implementation.Kind == HandleKind.AssemblyReference)
            .ToDictionary(
                type => $"{_metadata.GetString(type.Namespace)}.{_metadata.GetString(type.Name)}",
                type => _metadata.GetString(_metadata.GetAssemblyReference((AssemblyReferenceHandle)type.Implementation).Name));
    }

    public Version Version => _metadata.GetAssemblyDefinition().Version;

    public DefinedType? Find(string type) => _types.GetValueOrDefault(type);

    public string? ForwardOf(string type) => _forwards.GetValueOrDefault(type);

    public void Dispose() => _file.Dispose();
}
