using System.Reflection;
using System.Reflection.Metadata;

namespace Messaging.Breaker.PackageTests.Metadata;

/// <summary>A type with the members that another assembly could use.</summary>
sealed class DefinedType(MetadataReader metadata, TypeDefinitionHandle handle)
{
    readonly TypeDefinition _type = metadata.GetTypeDefinition(handle);
    HashSet<string>? _members;

    /// <summary>The types from which it can inherit members: its base class, if it has one, and its interfaces.</summary>
    public IEnumerable<TypeReferenceName> Bases => _type.GetInterfaceImplementations()
        .Select(implemented => metadata.GetInterfaceImplementation(implemented).Interface)
        .Prepend(_type.BaseType)
        .Where(type => !type.IsNil)
        .Select(type => TypeNames.ReferenceTo(metadata, type));

    public bool Has(string member) => (_members ??= [.. Methods(_ => true), .. Fields()]).Contains(member);

    /// <summary>The types that can demand further members. For a class, only its base class: it implements its own interfaces.</summary>
    public IEnumerable<TypeReferenceName> Demanding => _type.BaseType.IsNil ? Bases : Bases.Take(1);

    /// <summary>The members that an implementation must have.</summary>
    public IEnumerable<string> Abstract => Methods(method => method.Attributes.HasFlag(MethodAttributes.Abstract));

    IEnumerable<string> Methods(Func<MethodDefinition, bool> condition) => _type.GetMethods().Select(metadata.GetMethodDefinition).Where(condition)
        .Select(method => TypeNames.Describe(metadata.GetString(method.Name), method.DecodeSignature(TypeNames.Provider, null)));

    IEnumerable<string> Fields() => _type.GetFields().Select(metadata.GetFieldDefinition)
        .Select(field => $"{metadata.GetString(field.Name)}: {field.DecodeSignature(TypeNames.Provider, null)}");
}
