namespace SampleWorkers.Payments;

/// <summary>How the payments service answers.</summary>
enum PaymentsMode
{
    /// <summary>OK after 5 ms.</summary>
    Up,

    /// <summary>500 after 20 ms.</summary>
    Error,

    /// <summary>Never; the caller has to give up.</summary>
    Hang,

    /// <summary>OK, but after one second.</summary>
    Slow,

    /// <summary>503 at once, with a Retry-After of one second.</summary>
    Unavailable,
}
