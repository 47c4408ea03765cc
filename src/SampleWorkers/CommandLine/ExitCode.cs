namespace SampleWorkers.CommandLine;

static class ExitCode
{
    public const int Success = 0;

    /// <summary>The drill found something lost or set aside, or was interrupted.</summary>
    public const int Failure = 1;

    public const int BadArguments = 2;
    /// <summary>The broker, or the store of a drill.</summary>
    public const int Unreachable = 3;
}
