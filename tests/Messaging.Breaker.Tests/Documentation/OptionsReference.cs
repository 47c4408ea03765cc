using System.Globalization;
using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Messaging.Breaker.Tests.Documentation;

/// <summary>Writes the options in Markdown, from their XML documentation.</summary>
static partial class OptionsReference
{
    const string Head = """
        # Options

        Every option of the library, with its default, from the XML documentation. This page is generated: run
        `MESSAGING_BREAKER_UPDATE_DOCS=1 ./test.sh --filter FullyQualifiedName~OptionsReference` after you change an option.

        """;

    // Inherited options are listed only with the type that declares them.
    const BindingFlags Declared = BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly;

    public static string Write(params Type[] types)
    {
        var page = new StringBuilder(Head);
        foreach (var assembly in types.GroupBy(type => type.Assembly))
        {
            var members = XDocument.Load(Path.ChangeExtension(assembly.Key.Location, ".xml")).Descendants("member")
                .ToDictionary(member => member.Attribute("name")!.Value, member => member);
            if (assembly.Contains(typeof(BreakerOptions)))
                WriteTable(page, typeof(BreakerOptions), members);
            foreach (var type in assembly)
                WriteType(page, type, members);
        }

        return page.ToString();
    }

    /// <summary>Writes name, default and first sentence, so that the options of a breaker fit on a screen.</summary>
    static void WriteTable(StringBuilder page, Type type, Dictionary<string, XElement> members)
    {
        var defaults = Activator.CreateInstance(type);
        page.Append("\n## At a glance\n\nThe options of a breaker:\n\n| option | default | meaning |\n|---|---|---|\n");
        foreach (var option in type.GetProperties(Declared).Where(property => property.CanWrite))
        {
            var @default = option.GetValue(defaults) is { } value ? Value(value) : "null";
            var meaning = Text(members[$"P:{type.FullName}.{option.Name}"]).Split(". ")[0].TrimEnd('.');
            page.Append(CultureInfo.InvariantCulture, $"| `{option.Name}` | {@default} | {meaning} |\n");
        }
    }

    static void WriteType(StringBuilder page, Type type, Dictionary<string, XElement> members)
    {
        var defaults = Activator.CreateInstance(type);
        page.Append(CultureInfo.InvariantCulture, $"\n## {type.Name}\n\n{Text(members[$"T:{type.FullName}"])}\n\n");
        foreach (var option in type.GetProperties(Declared).Where(property => property.CanWrite))
        {
            var @default = option.GetValue(defaults) is { } value ? $", default `{Value(value)}`" : "";
            page.Append(CultureInfo.InvariantCulture, $"- **`{option.Name}`** ({TypeName(option.PropertyType)}{@default})  \n  {Text(members[$"P:{type.FullName}.{option.Name}"])}\n");
        }
    }

    static string TypeName(Type type) => Nullable.GetUnderlyingType(type) is { } inner ? $"{TypeName(inner)}, or null" : type.Name switch
    {
        "Double" => "number",
        "Int32" => "whole number",
        "Boolean" => "true or false",
        "TimeSpan" => "time",
        "String" => "text",
        _ when type.IsEnum => string.Join(", ", Enum.GetNames(type)),
        _ when type.IsGenericType => $"list of {TypeName(type.GetGenericArguments()[0])}",
        var name => name,
    };

    static string Value(object value) => value switch
    {
        bool flag => flag ? "true" : "false",
        IFormattable formattable => formattable.ToString(null, CultureInfo.InvariantCulture),
        System.Collections.ICollection { Count: 0 } => "none",
        _ => value.ToString()!,
    };

    static string Text(XElement member) => Space().Replace(
        string.Concat(member.Element("summary")!.DescendantNodes().Select(node => node switch
        {
            XText { Parent.Name.LocalName: "c" } code => $"`{code.Value}`",
            XText text => text.Value,
            XElement { Name.LocalName: "see" or "paramref" } see => $"`{Name(see)}`",
            _ => "",
        })),
        " ").Trim();

    static string Name(XElement see)
    {
        var name = (see.Attribute("cref") ?? see.Attribute("langword") ?? see.Attribute("name"))!.Value.Split('(')[0];
        return name.Split('.') is [.., var type, var member] && !name.StartsWith("T:", StringComparison.Ordinal) && type != nameof(BreakerOptions)
            ? $"{type}.{member}"
            : name.Split('.', ':')[^1];
    }

    [GeneratedRegex(@"\s+")]
    private static partial Regex Space();
}
