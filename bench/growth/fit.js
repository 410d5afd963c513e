/**
 * The exponent of growth: the slope of the straight line through the points on paper with two logarithmic axes.
 * 1 is linear, 2 quadratic; constant costs pull it below 1.
 *
 * @param {readonly { size: number, cost: number }[]} points
 */
export function exponentOf(points) {
	const xs = points.map(({ size }) => Math.log(size));
	const ys = points.map(({ cost }) => Math.log(cost));
	const x = mean(xs);
	const y = mean(ys);
	const covariance = xs.reduce((sum, value, i) => sum + (value - x) * ((ys[i] ?? y) - y), 0);
	return covariance / xs.reduce((sum, value) => sum + (value - x) ** 2, 0);
}

/** @param {readonly number[]} values */
function mean(values) {
	return values.reduce((sum, value) => sum + value, 0) / values.length;
}
