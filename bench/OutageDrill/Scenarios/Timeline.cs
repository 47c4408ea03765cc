namespace OutageDrill.Scenarios;

sealed record Phase(Condition Condition, double From, double To);

/// <summary>When the dependency is in trouble, in seconds since the first message; up at any other time.</summary>
sealed record Timeline(params Phase[] Phases)
{
    public double Recovery => Phases[^1].To;

    public double Onset => Phases[0].From;

    public Condition At(double time) => PhaseAt(time)?.Condition ?? Condition.Up;

    /// <summary>How much longer the trouble at this time lasts; zero if there is none.</summary>
    public TimeSpan RestAt(double time) => TimeSpan.FromSeconds(PhaseAt(time) is { } phase ? phase.To - time : 0);

    Phase? PhaseAt(double time) => Phases.FirstOrDefault(phase => time >= phase.From && time < phase.To);
}
