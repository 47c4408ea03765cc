namespace SampleWorkers.CommandLine;

static class ExitCode
{
    public const int Success = 0;

    /// <summary>The drill found lost or dead-lettered messages, or was interrupted.</summary>
    public const int Failure = 1;

    public const int BadArguments = 2;
    /// <summary>The broker, or a drill's store.</summary>
    public const int Unreachable = 3;
}
