using System.Reflection;
using System.Reflection.Metadata;

namespace Messaging.Breaker.PackageTests.Metadata;

/// <summary>A type with the members that another assembly could use.</summary>
sealed class DefinedType(MetadataReader metadata, TypeDefinitionHandle handle)
{
    readonly TypeDefinition _type = metadata.GetTypeDefinition(handle);
    HashSet<string>? _members;

    /// <summary>Where members that are not its own may come from: the class that it derives from, if it does, and its interfaces.</summary>
    public IEnumerable<TypeReferenceName> Bases => _type.GetInterfaceImplementations()
        .Select(implemented => metadata.GetInterfaceImplementation(implemented).Interface)
        .Prepend(_type.BaseType)
        .Where(type => !type.IsNil)
        .Select(type => TypeNames.ReferenceTo(metadata, type));

    public bool Has(string member) => (_members ??= [.. Methods(_ => true), .. Fields()]).Contains(member);

    /// <summary>Where there may be more to implement: a class has done so for its own interfaces.</summary>
    public IEnumerable<TypeReferenceName> Demanding => _type.BaseType.IsNil ? Bases : Bases.Take(1);

    /// <summary>What whoever implements it has to have.</summary>
    public IEnumerable<string> Abstract => Methods(method => method.Attributes.HasFlag(MethodAttributes.Abstract));

    IEnumerable<string> Methods(Func<MethodDefinition, bool> condition) => _type.GetMethods().Select(metadata.GetMethodDefinition).Where(condition)
        .Select(method => TypeNames.Describe(metadata.GetString(method.Name), method.DecodeSignature(TypeNames.Provider, null)));

    IEnumerable<string> Fields() => _type.GetFields().Select(metadata.GetFieldDefinition)
        .Select(field => $"{metadata.GetString(field.Name)}: {field.DecodeSignature(TypeNames.Provider, null)}");
}
