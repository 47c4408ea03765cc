using OutageDrill.Scenarios;

namespace OutageDrill.Dependency;

/// <param name="Began">Seconds since the first message.</param>
/// <param name="Ended">Seconds since the first message.</param>
readonly record struct DependencyCall(int Order, double Began, double Ended, Condition Condition, bool Succeeded);
