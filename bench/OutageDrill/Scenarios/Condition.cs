namespace OutageDrill.Scenarios;

/// <summary>What the dependency does with a call that begins now.</summary>
enum Condition
{
    /// <summary>Answers after 5 ms.</summary>
    Up,

    /// <summary>Fails after 20 ms.</summary>
    Down,

    /// <summary>One call in three fails after 20 ms, the others are answered after 5 ms.</summary>
    HalfDead,

    /// <summary>Answers, after a second.</summary>
    Slow,

    /// <summary>Answers only when the trouble is over, so that a worker without a breaker waits for it too.</summary>
    Held,
}
