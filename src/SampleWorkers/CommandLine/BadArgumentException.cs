using System.CommandLine;

namespace SampleWorkers.CommandLine;

/// <summary>Arguments that are valid separately, but not together.</summary>
sealed class BadArgumentException(string message) : Exception(message)
{
    public static void Require(bool isMet, Option option, string other)
    {
        if (!isMet)
            throw new BadArgumentException($"{option.Name} needs {other}.");
    }
}
