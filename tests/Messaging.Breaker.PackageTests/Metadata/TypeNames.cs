using System.Collections.Immutable;
using System.Globalization;
using System.Reflection.Metadata;

namespace Messaging.Breaker.PackageTests.Metadata;

/// <summary>A type's name and the assembly that a reference gives for it; null means the assembly that contains the reference.</summary>
readonly record struct TypeReferenceName(string? Assembly, string Type);

/// <summary>Writes types and signatures as text. A reference and its target give the same text.</summary>
sealed class TypeNames : ISignatureTypeProvider<string, object?>
{
    public static TypeNames Provider { get; } = new();

    public static string Of(MetadataReader metadata, TypeDefinitionHandle handle)
    {
        var type = metadata.GetTypeDefinition(handle);
        var name = metadata.GetString(type.Name);
        return type.GetDeclaringType() is { IsNil: false } outer ? $"{Of(metadata, outer)}+{name}" : Qualify(metadata.GetString(type.Namespace), name);
    }

    public static TypeReferenceName ReferenceTo(MetadataReader metadata, EntityHandle handle)
    {
        switch (handle.Kind)
        {
            case HandleKind.TypeDefinition:
                return new TypeReferenceName(null, Of(metadata, (TypeDefinitionHandle)handle));
            case HandleKind.TypeSpecification:
                var blob = metadata.GetBlobReader(metadata.GetTypeSpecification((TypeSpecificationHandle)handle).Signature);
                // For a generic type, take its definition. Arrays and parameters are not searched.
                if (blob.ReadSignatureTypeCode() != SignatureTypeCode.GenericTypeInstance)
                    return new TypeReferenceName(null, "");
                blob.ReadSignatureTypeCode();
                return ReferenceTo(metadata, blob.ReadTypeHandle());
            case HandleKind.TypeReference:
                var type = metadata.GetTypeReference((TypeReferenceHandle)handle);
                var name = metadata.GetString(type.Name);
                return type.ResolutionScope.Kind switch
                {
                    HandleKind.TypeReference when ReferenceTo(metadata, type.ResolutionScope) is var outer => outer with { Type = $"{outer.Type}+{name}" },
                    HandleKind.AssemblyReference => new TypeReferenceName(
                        metadata.GetString(metadata.GetAssemblyReference((AssemblyReferenceHandle)type.ResolutionScope).Name),
                        Qualify(metadata.GetString(type.Namespace), name)),
                    _ => new TypeReferenceName(null, Qualify(metadata.GetString(type.Namespace), name)),
                };
            default:
                return new TypeReferenceName(null, "");
        }
    }

    public static string Describe(string name, MethodSignature<string> signature)
    {
        var generic = signature.GenericParameterCount > 0 ? string.Create(CultureInfo.InvariantCulture, $"`{signature.GenericParameterCount}") : "";
        var isStatic = signature.Header.IsInstance ? "" : "static ";
        return $"{isStatic}{name}{generic}({string.Join(", ", signature.ParameterTypes)}): {signature.ReturnType}";
    }

    public string GetArrayType(string elementType, ArrayShape shape) => string.Create(CultureInfo.InvariantCulture, $"{elementType}[{shape.Rank}]");

    public string GetByReferenceType(string elementType) => $"{elementType}&";

    public string GetFunctionPointerType(MethodSignature<string> signature) => Describe("*", signature);

    public string GetGenericInstantiation(string genericType, ImmutableArray<string> typeArguments) => $"{genericType}<{string.Join(", ", typeArguments)}>";

    public string GetGenericMethodParameter(object? genericContext, int index) => string.Create(CultureInfo.InvariantCulture, $"!!{index}");

    public string GetGenericTypeParameter(object? genericContext, int index) => string.Create(CultureInfo.InvariantCulture, $"!{index}");

    public string GetModifiedType(string modifier, string unmodifiedType, bool isRequired) => $"{unmodifiedType} {(isRequired ? "modreq" : "modopt")} {modifier}";

    public string GetPinnedType(string elementType) => elementType;

    public string GetPointerType(string elementType) => $"{elementType}*";

    public string GetPrimitiveType(PrimitiveTypeCode typeCode) => typeCode.ToString();

    public string GetSZArrayType(string elementType) => $"{elementType}[]";

    public string GetTypeFromDefinition(MetadataReader reader, TypeDefinitionHandle handle, byte rawTypeKind) => Of(reader, handle);

    public string GetTypeFromReference(MetadataReader reader, TypeReferenceHandle handle, byte rawTypeKind) => ReferenceTo(reader, handle).Type;

    public string GetTypeFromSpecification(MetadataReader reader, object? genericContext, TypeSpecificationHandle handle, byte rawTypeKind) =>
        reader.GetTypeSpecification(handle).DecodeSignature(this, genericContext);

    static string Qualify(string space, string name) => space.Length > 0 ? $"{space}.{name}" : name;
}
