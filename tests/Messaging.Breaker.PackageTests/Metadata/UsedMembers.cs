using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace Messaging.Breaker.PackageTests.Metadata;

/// <summary>What an assembly needs from MassTransit: types and members that it refers to, and members that it must implement.</summary>
/// <param name="Types">The types.</param>
/// <param name="Members">The members, each with the type through which it is used.</param>
/// <param name="Implemented">For each of its base types and interfaces, the members that it had to implement when it was compiled.</param>
sealed record UsedMembers(
    IReadOnlyCollection<TypeReferenceName> Types,
    IReadOnlyCollection<(TypeReferenceName Type, string Member)> Members,
    IReadOnlyDictionary<TypeReferenceName, HashSet<string>> Implemented)
{
    public static UsedMembers Of(string path, AssemblyFolder compiledAgainst)
    {
        using var file = new PEReader(File.OpenRead(path));
        var metadata = file.GetMetadataReader();
        var members = metadata.MemberReferences.Select(metadata.GetMemberReference)
            .Select(member => (Type: TypeNames.ReferenceTo(metadata, member.Parent), Member: Describe(metadata, member)))
            .Where(member => IsMassTransit(member.Type)).Concat(Reflected(Path.GetFileNameWithoutExtension(path))).ToHashSet();
        var bases = metadata.TypeDefinitions.SelectMany(handle => new DefinedType(metadata, handle).Bases).Where(IsMassTransit).Distinct();
        return new UsedMembers(
            metadata.TypeReferences.Select(handle => TypeNames.ReferenceTo(metadata, handle)).Where(IsMassTransit).ToHashSet(),
            members,
            bases.ToDictionary(type => type, type => AbstractOf(type, compiledAgainst)));
    }

    /// <summary>What these assemblies lack, and the new members that they want implemented.</summary>
    public IEnumerable<string> MissingIn(AssemblyFolder folder)
    {
        foreach (var type in Types.Where(type => folder.Find(type.Assembly!, type.Type) is null))
            yield return $"{type.Type} of {type.Assembly}";
        foreach (var (type, member) in Members.Where(used => !Has(folder, used.Type, used.Member)))
            yield return $"{type.Type}.{member}";
        foreach (var (type, known) in Implemented)
            foreach (var added in AbstractOf(type, folder).Except(known))
                yield return $"{type.Type} is not implemented: {added}";
    }

    /// <summary>The members that are looked up by name at run time, without a reference.</summary>
    static IEnumerable<(TypeReferenceName, string)> Reflected(string assembly) => assembly == "Messaging.Breaker"
        ? [(new TypeReferenceName("MassTransit.RabbitMqTransport", "MassTransit.RabbitMqTransport.Configuration.RabbitMqReceiveEndpointConfiguration"),
            "_hostConfiguration: MassTransit.RabbitMqTransport.Configuration.IRabbitMqHostConfiguration")]
        : [];

    static string Describe(MetadataReader metadata, MemberReference member) => member.GetKind() == MemberReferenceKind.Method
        ? TypeNames.Describe(metadata.GetString(member.Name), member.DecodeMethodSignature(TypeNames.Provider, null))
        : $"{metadata.GetString(member.Name)}: {member.DecodeFieldSignature(TypeNames.Provider, null)}";

    static bool IsMassTransit(TypeReferenceName type) => type.Assembly?.StartsWith("MassTransit", StringComparison.Ordinal) == true;

    static bool Has(AssemblyFolder folder, TypeReferenceName type, string member) =>
        folder.Find(type.Assembly!, type.Type) is { } found && (found.Has(member) || From(type, found.Bases).Any(known => Has(folder, known, member)));

    static HashSet<string> AbstractOf(TypeReferenceName type, AssemblyFolder folder) => folder.Find(type.Assembly!, type.Type) is { } found
        ? [.. found.Abstract.Select(member => $"{type.Type}.{member}"), .. From(type, found.Demanding).SelectMany(known => AbstractOf(known, folder))]
        : [];

    static IEnumerable<TypeReferenceName> From(TypeReferenceName type, IEnumerable<TypeReferenceName> bases) =>
        bases.Select(known => known with { Assembly = known.Assembly ?? type.Assembly }).Where(IsMassTransit);
}
