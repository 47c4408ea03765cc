namespace SampleWorkers.CommandLine;

/// <summary>Arguments that are each allowed, but not together.</summary>
sealed class BadArgumentException(string message) : Exception(message);
