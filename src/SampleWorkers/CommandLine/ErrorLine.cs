using System.Text.RegularExpressions;

namespace SampleWorkers.CommandLine;

/// <summary>An error in one line for people, without the passwords of addresses.</summary>
static partial class ErrorLine
{
    public static Task WriteAsync(string message) => Console.Error.WriteLineAsync(Of(message));

    public static string Of(string message) =>
        Secrets().Replace(string.Join(' ', message.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)), "***@");

    /// <summary>The innermost exception says what is wrong; the outer ones say only that something is.</summary>
    public static string Of(Exception exception)
    {
        while (exception is AggregateException or System.Reflection.TargetInvocationException && exception.InnerException is { } inner)
            exception = inner;
        return exception is InvalidDataException && exception.InnerException is { } cause ? $"{exception.Message} {cause.Message}" : exception.Message;
    }

    [GeneratedRegex(@"(?<=://)[^\s'""@]*:[^'""]*@|[^\s'""/]*:[^\s'""/]*@")]
    private static partial Regex Secrets();
}
